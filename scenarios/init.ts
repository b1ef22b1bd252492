/** Owns making a new project folder: scenario, strategy, editor set-up, link to the running package, bars. Never overwrites a file. */
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { openCatalogue } from '../data/catalogue.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { importVegaSp500, vegaSp500Key } from '../data/import-vega-sp500.ts';
import { ConfigError, DataError } from '../engine/errors.ts';
import type { SeriesKey } from '../engine/model/bar.ts';
import { packageRoot } from '../strategies/locate.ts';
import { gitignoreText, globalsText, packageText, readmeText, scenarioText, strategyText, tsconfigText } from './init-texts.ts';

export interface InitReport {
  readonly folder: string;
  readonly files: readonly string[];
  readonly key: SeriesKey;
  readonly isSynthetic: boolean;
  /** 'link' or, where the system makes no links, 'copy'. */
  readonly package: 'link' | 'copy';
}

/** The market that stands in where no recorded bars can be had without a network. */
const syntheticKey: SeriesKey = { venue: 'synthetic', symbol: 'DEMO/USD', timeframe: '1m' };

/** Fills a new or empty place with a project that runs at once. onImport is called before bars are imported. USAGE where a file of its own is already there. */
export async function initProject(folder: string, onImport: () => void = () => {}): Promise<InitReport> {
  const root = resolve(folder);
  const name = projectName(root);
  const taken = ['scenario.yaml', join('strategies', 'my-first.ts')].filter((file) => existsSync(join(root, file)));
  if (taken.length > 0)
    throw new ConfigError('USAGE', `${join(folder, taken[0])} exists already; init writes into a new folder and overwrites nothing`, {
      file: taken[0],
    });
  mkdirSync(join(root, 'strategies'), { recursive: true });
  onImport();
  const { key, isSynthetic } = await importFirstBars(join(root, '.playhead'));
  const texts: Readonly<Record<string, string>> = {
    'scenario.yaml': scenarioText({ name, key, isSynthetic }),
    'strategies/my-first.ts': strategyText(isSynthetic),
    'strategies/globals.d.ts': globalsText(),
    'tsconfig.json': tsconfigText(),
    'package.json': packageText(name),
    'README.md': readmeText({ name, isSynthetic }),
    '.gitignore': gitignoreText(),
  };
  const files: string[] = [];
  for (const [file, text] of Object.entries(texts)) {
    if (existsSync(join(root, file))) continue;
    writeFileSync(join(root, file), text);
    files.push(file);
  }
  return { folder: root, files, key, isSynthetic, package: linkPackage(root) };
}

/** Real bars where the package that carries them is installed, otherwise the synthetic market. */
async function importFirstBars(home: string): Promise<{ key: SeriesKey; isSynthetic: boolean }> {
  const catalogue = openCatalogue(home);
  try {
    if (catalogue.find(vegaSp500Key) === undefined) await importVegaSp500(catalogue);
    return { key: vegaSp500Key, isSynthetic: false };
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'DATA_NOT_FOUND') throw error;
  }
  if (catalogue.find(syntheticKey) === undefined) {
    await importSynthetic(catalogue, {
      venue: syntheticKey.venue,
      symbol: syntheticKey.symbol,
      seed: 1,
      bars: 43_200,
      startMs: Date.UTC(2024, 0, 1),
      startPrice: 100,
      tick: 0.01,
      gaps: 2,
    });
  }
  return { key: syntheticKey, isSynthetic: true };
}

/** node_modules/playhead and its command, so that editors know the types and "npx playhead" finds the program without a network. */
function linkPackage(root: string): 'link' | 'copy' {
  const source = packageRoot();
  const modules = join(root, 'node_modules');
  const target = join(modules, 'playhead');
  if (resolve(source) === resolve(target)) return 'link';
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const kind = existsSync(target) ? 'link' : link(source, target);
  linkCommand(join(modules, '.bin', 'playhead'), join(source, 'dist', 'scenarios', 'cli.js'));
  return kind;
}

function link(source: string, target: string): 'link' | 'copy' {
  try {
    symlinkSync(relative(dirname(target), source), target, process.platform === 'win32' ? 'junction' : 'dir');
    return 'link';
  } catch {
    cpSync(source, target, { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
    return 'copy';
  }
}

function linkCommand(path: string, cli: string): void {
  if (existsSync(path)) return;
  try {
    symlinkSync(relative(dirname(path), cli), path);
  } catch {
    writeFileSync(path, `#!/bin/sh\nexec node ${JSON.stringify(cli)} "$@"\n`);
    chmodSync(path, 0o755);
  }
  if (process.platform === 'win32') writeFileSync(`${path}.cmd`, `@node ${JSON.stringify(cli)} %*\r\n`);
}

/** The folder's name as a scenario and npm take it. */
function projectName(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  return name === '' ? 'my-desk' : name;
}
