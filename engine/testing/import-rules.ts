/** Owns who may import whom: the five folders, the layers inside the engine, one place for each third party. Never looks at what code does. */
import { importsOf, isTest, packageOf, type Rule, type SourceFile } from './source.ts';

export const topFolders = ['engine', 'strategies', 'data', 'reports', 'scenarios'];

const mayImport: Readonly<Record<string, readonly string[]>> = {
  engine: ['engine'],
  data: ['data', 'engine'],
  strategies: ['strategies', 'engine'],
  reports: ['reports', 'engine'],
  scenarios: topFolders,
};

/** The engine imports none of the four; data, strategies and reports import the engine and never one another. */
export const importDirection: Rule = (file) => {
  const own = file.path.split('/')[0];
  const faults: string[] = [];
  for (const { specifier, target, line } of importsOf(file)) {
    if (packageOf(specifier) === 'playhead')
      faults.push(`${file.path}:${line}: imports the package "playhead" from inside it; import the file`);
    if (target === '' || mayImport[own].includes(target.split('/')[0])) continue;
    faults.push(`${file.path}:${line}: ${own} imports ${target}; it may import ${mayImport[own].join(' and ')} only`);
  }
  return faults;
};

/** model ← event, clock, feed, broker, strategy, result ← portfolio, risk ← step ← stretch ← replay | live ← optimiser. Parts not named here stand anywhere. */
const layers: readonly (readonly string[])[] = [
  ['model'],
  ['event', 'clock', 'feed', 'broker', 'strategy', 'parameters', 'settings', 'result', 'indicators', 'metrics'],
  ['portfolio', 'risk'],
  ['step'],
  ['stretch'],
  ['replay', 'live'],
  ['optimiser'],
];

/** Pairs that stand side by side and never know each other. */
const strangers: readonly (readonly [string, string])[] = [
  ['engine/broker/simulated/', 'engine/broker/ccxt/'],
  ['engine/replay.ts', 'engine/live.ts'],
];

export const engineLayers: Rule = (file) => {
  if (!file.path.startsWith('engine/') || isTest(file.path)) return [];
  const faults: string[] = [];
  for (const { target, line } of importsOf(file)) {
    if (!target.startsWith('engine/')) continue;
    const say = (message: string): void => void faults.push(`${file.path}:${line}: ${message}`);
    const from = partOf(file.path);
    if (from === 'model' && !/^engine\/(model\/|errors\.ts$)/.test(target))
      say(`model imports ${target}; it may import model and errors.ts only`);
    else if (layerOf(target) > layerOf(file.path) && layerOf(file.path) >= 0)
      say(`${from} imports ${partOf(target)}, which stands above it (${layers.map((layer) => layer.join(', ')).join(' ← ')})`);
    for (const [one, other] of strangers) {
      const isForth = file.path.startsWith(one) && target.startsWith(other);
      const isBack = file.path.startsWith(other) && target.startsWith(one);
      if (isForth || isBack) say(`imports ${target}; the two stand side by side and never import each other`);
    }
    if (target.startsWith('engine/testing/') && !file.path.startsWith('engine/testing/')) say(`imports ${target}; testing is for tests`);
  }
  return faults;
};

/** "engine/broker/simulated/match.ts" → "broker", "engine/step.ts" → "step" */
function partOf(path: string): string {
  return path.split('/')[1].replace(/\.ts$/, '');
}

function layerOf(path: string): number {
  return layers.findIndex((layer) => layer.includes(partOf(path)));
}

/** Third party → where it may be imported. A package that is not here may be imported nowhere. */
const places: Readonly<Record<string, RegExp>> = {
  '@duckdb/node-api': /^data\//,
  '@duckdb/node-bindings': /^data\//,
  'apache-arrow': /^data\//,
  ccxt: /^(engine\/broker\/ccxt\/|data\/([^/]+\/)*ccxt[^/]*\.ts$)/,
  pg: /^data\/([^/]+\/)*postgres[^/]*\.ts$/,
  mongodb: /^data\/([^/]+\/)*mongo[^/]*\.ts$/,
  '@elastic/elasticsearch': /^data\/([^/]+\/)*elastic[^/]*\.ts$/,
  'vega-datasets': /^data\//,
  vega: /^reports\//,
  'vega-lite': /^reports\//,
  'lightweight-charts': /^reports\//,
  'playwright-core': /^reports\//,
  fastify: /^reports\/dashboard\//,
  commander: /^scenarios\//,
  zod: /^scenarios\//,
  yaml: /^scenarios\//,
  'cli-progress': /^scenarios\//,
  piscina: /^scenarios\/search\//,
  esbuild: /^strategies\//,
  ws: /^engine\/testing\/exchange\//,
  'oxc-parser': /^engine\/tidy\.test\.ts$/,
  vitest: /(\.test\.([a-z-]+\.)?ts$|^engine\/testing\/|-contract\.ts$|^scenarios\/bench\/|^scenarios\/[^/]*reporter)/,
  'fast-check': /(\.test\.([a-z-]+\.)?ts$|^engine\/testing\/)/,
};

/** Heavy or absent clients: a command that does not need one never loads it. */
const lazyPackages = ['ccxt', 'pg', 'mongodb', '@elastic/elasticsearch', 'esbuild'];

export const thirdParties: Rule = (file) => {
  const faults: string[] = [];
  for (const { specifier, isTypeOnly, isLazy, line } of importsOf(file)) {
    const name = packageOf(specifier);
    if (name === '' || name === 'playhead') continue;
    const place = Object.hasOwn(places, name) ? places[name] : undefined;
    if (!place)
      faults.push(`${file.path}:${line}: imports "${name}", which has no place yet; give it one in engine/testing/import-rules.ts`);
    else if (!place.test(file.path)) faults.push(`${file.path}:${line}: imports "${name}", whose place is ${place.source}`);
    else if (lazyPackages.includes(name) && !isTypeOnly && !isLazy && !isTest(file.path))
      faults.push(`${file.path}:${line}: imports "${name}" at once; load it by import() where it is used`);
  }
  return faults;
};

/** The deterministic part reaches nothing outside itself; hashing is all it asks of Node. */
export const engineBuiltins: Rule = (file) => {
  if (!isDeterministic(file)) return [];
  const faults: string[] = [];
  for (const { specifier, line } of importsOf(file)) {
    if (!specifier.startsWith('node:') || specifier === 'node:crypto') continue;
    faults.push(
      `${file.path}:${line}: imports ${specifier}; the deterministic part of the engine reads nothing from outside (node:crypto aside)`,
    );
  }
  return faults;
};

/** The part of the engine whose result depends on its input alone; tests, the live driver, the exchange broker and test helpers are not it. */
export function isDeterministic(file: SourceFile): boolean {
  return file.path.startsWith('engine/') && !isTest(file.path) && !/^engine\/(testing\/|broker\/ccxt\/|live\.ts$|live\/)/.test(file.path);
}
