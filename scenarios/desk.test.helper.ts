/** Owns what the tests of the command line share: a project made by "init", played in through the built command. Never used outside tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const cli = join(root, 'dist', 'scenarios', 'cli.js');

export interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface PlayheadOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cli?: string;
}

export interface Played {
  readonly id: string;
  readonly certificate: Record<string, string>;
  readonly counts: Record<string, number>;
  readonly metrics: Record<string, number | null>;
}

export interface Desk {
  /** Folder that is removed at the end; the project lies in it. */
  readonly scratch: string;
  readonly path: string;
  playhead(args: readonly string[], options?: PlayheadOptions): Answer;
  /** Writes strategies/<name>.ts and <name>.yaml and returns the scenario's name. */
  writeScenario(name: string, strategyText: string, extra?: string): string;
  /** Plays a scenario and returns its JSON document. */
  runJson(scenario: string, args?: readonly string[], options?: PlayheadOptions): Played;
  remove(): void;
}

/** Builds where the sources have changed, then makes a project. */
export function createDesk(): Desk {
  const built = spawnSync(process.execPath, [join(root, 'scenarios', 'setup.mjs')], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stderr}`);
  const scratch = mkdtempSync(join(tmpdir(), 'playhead-cli-'));
  const path = join(scratch, 'desk');
  const playhead = (args: readonly string[], options: PlayheadOptions = {}): Answer => {
    const child = spawnSync(process.execPath, [options.cli ?? cli, ...args], {
      cwd: options.cwd ?? path,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...options.env },
    });
    return { code: child.status, out: child.stdout, error: child.stderr };
  };
  const made = playhead(['init', path], { cwd: scratch });
  if (made.code !== 0) throw new Error(`init failed: ${made.error}`);
  return {
    scratch,
    path,
    playhead,
    writeScenario: (name, strategyText, extra = '') => {
      writeFileSync(join(path, 'strategies', `${name}.ts`), strategyText);
      writeFileSync(
        join(path, `${name}.yaml`),
        `name: ${name}\ndata: { series: [{ venue: index, symbol: SP500/USD, timeframe: 1d }] }\nstrategy: { file: ./strategies/${name}.ts }\n${extra}`,
      );
      return `${name}.yaml`;
    },
    runJson: (scenario, args = [], options = {}) => {
      const { code, out, error } = playhead(['run', scenario, '--json', '-q', '--no-report', ...args], options);
      if (code !== 0 || error !== '') throw new Error(`run ${scenario} ended with ${code}: ${error}${out}`);
      return JSON.parse(out) as Played;
    },
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** A strategy whose onBar has this body; calls counts from 1. */
export const strategy = (body: string, top = ''): string => `import { defineStrategy } from 'playhead';
${top}
export default defineStrategy({
  name: 'made',
  parameters: {},
  setup() {
    let calls = 0;
    return { onBar({ order, position }) { calls++; ${body} } };
  },
});
`;

/** A body that trades one round in fifty calls. */
export const round =
  'if (calls % 50 === 1 && position.isFlat) order.market({ side: 1, equityFraction: 0.5 }); else if (calls % 50 === 26) order.close();';
