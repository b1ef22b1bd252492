/** Owns the texts of a new project. Never writes them. */
import type { SeriesKey } from '../engine/model/bar.ts';

export function scenarioText({ name, key, isSynthetic }: { name: string; key: SeriesKey; isSynthetic: boolean }): string {
  const about = isSynthetic
    ? 'A month of SYNTHETIC minutes, made by a seeded generator: good for learning, worth nothing as evidence.'
    : 'Daily bars of the S&P 500 index from 2008 on.';
  return `# yaml-language-server: $schema=./node_modules/playhead/scenarios/scenario.schema.json
name: ${name}
description: ${JSON.stringify(about)}
data:
  series:
    - { venue: ${key.venue}, symbol: ${key.symbol}, timeframe: ${key.timeframe} }
strategy:
  file: ./strategies/my-first.ts
  parameters: { fast: ${isSynthetic ? 60 : 20}, slow: ${isSynthetic ? 480 : 100} }
account:
  initialCapital: 10000
costs:
  feeRateMaker: 0.0005
  feeRateTaker: 0.0005
  slippage: 0.0002
`;
}

export function strategyText(isSynthetic: boolean): string {
  const [fast, slow] = isSynthetic ? [60, 480] : [20, 100];
  return `import { crossedAbove, crossedBelow, defineStrategy, integer } from 'playhead';

/** Long while the fast mean is above the slow one. */
export default defineStrategy({
  name: 'my-first',
  parameters: { fast: integer(${fast}, { min: 2, max: 500 }), slow: integer(${slow}, { min: 3, max: 2000 }) },
  setup({ bars, indicators, parameters, wake }) {
    const fast = indicators.sma(bars.close, parameters.fast);
    const slow = indicators.sma(bars.close, parameters.slow);
    wake.onCross(fast, slow);
    return {
      onBar({ order, position }) {
        if (crossedAbove(fast, slow) && position.isFlat) order.market({ side: 1, equityFraction: 1 });
        else if (crossedBelow(fast, slow)) order.close();
      },
    };
  },
});
`;
}

/** For the editor: strategies are compiled by playhead itself. */
export function tsconfigText(): string {
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: [],
  };
  return `${JSON.stringify({ compilerOptions, include: ['strategies'] }, null, 2)}\n`;
}

/** For the editor: what a strategy finds beside the language itself. An interface, so that it merges with whoever declares more. */
export function globalsText(): string {
  return `/** Prints to stderr: what playhead writes to stdout is the result. The clock, randomness, timers and the network are not there. */
interface Console {
  debug(...values: unknown[]): void;
  error(...values: unknown[]): void;
  info(...values: unknown[]): void;
  log(...values: unknown[]): void;
  table(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  warn(...values: unknown[]): void;
}
declare var console: Console;
`;
}

export function packageText(name: string): string {
  return `${JSON.stringify({ name, version: '0.1.0', private: true, type: 'module', scripts: { start: 'playhead run' } }, null, 2)}\n`;
}

export function gitignoreText(): string {
  return 'node_modules/\n.playhead/\n';
}

export function readmeText({ name, isSynthetic }: { name: string; isSynthetic: boolean }): string {
  const bars = isSynthetic
    ? 'The bars are SYNTHETIC: a seeded generator made them, and no result on them says anything about a market. Import your own:'
    : 'The bars are daily bars of the S&P 500 index, 2008 on. Import your own:';
  return `# ${name}

\`\`\`
npx playhead run                     # plays scenario.yaml
npx playhead run --set strategy.parameters.fast=12
npx playhead verify last             # plays the stored run again and compares
npx playhead runs list
\`\`\`

- \`scenario.yaml\`: data, strategy, costs and risk of a run. Editors with a YAML language server complete it.
- \`strategies/my-first.ts\`: the strategy. Change it and run again.
- \`strategies/globals.d.ts\`: tells editors of \`console\`, which prints to stderr.
- \`.playhead/\`: bars and stored runs.

${bars}

\`\`\`
npx playhead data import bars.csv --symbol BTC/USDT --venue binance --timeframe 1m
\`\`\`

\`node_modules/playhead\` links to the playhead that made this folder; after \`npm install\` of other packages, run
\`npm link\` or install playhead itself to put it back.
`;
}
