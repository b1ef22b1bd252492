/** Owns what the tests of the checks share: strategies written to files and loaded as a run loads them, and bars of a seeded walk. Never used outside tests. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckInput } from '../engine/causality/index.ts';
import type { Tape } from '../engine/model/bar.ts';
import { createRandom } from '../engine/random.ts';
import { settingsOf, testHashes } from '../engine/testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from '../engine/testing/tapes.ts';
import { compileStrategy } from '../strategies/evaluate.ts';
import { bundleStrategy } from '../strategies/loader.ts';
import { placeOf } from '../strategies/trace.ts';

export const scratch = mkdtempSync(join(tmpdir(), 'playhead-check-'));

/** A walk of minutes on the tick grid. */
export function minutes(count: number, seed = 7): Tape {
  const random = createRandom(seed);
  let cents = 10_000;
  const rows: BarRow[] = [];
  for (let i = 0; i < count; i++) {
    const open = cents;
    cents = Math.max(1_000, cents + Math.round(random.normal() * 40));
    const [high, low] = [Math.max(open, cents) + Math.floor(random() * 20), Math.min(open, cents) - Math.floor(random() * 20)];
    rows.push([open / 100, high / 100, low / 100, cents / 100, 1 + Math.floor(random() * 50)]);
  }
  return tapeOf(rows);
}

/** The hours of a tape of minutes, whole ones alone. */
export function hoursOf({ columns }: Tape): Tape {
  const rows: BarRow[] = [];
  for (let from = 0; from + 60 <= columns.length; from += 60) {
    const part = (name: 'high' | 'low') => [...columns[name].subarray(from, from + 60)];
    rows.push([columns.open[from], Math.max(...part('high')), Math.min(...part('low')), columns.close[from + 59], 60]);
  }
  return tapeOf(rows, { timeframe: '1h' });
}

/** A strategy file whose setup has this body; `// leak` marks the line that a check must name. */
export function strategyText(setupBody: string, top = ''): string {
  return `import { crossedAbove, crossedBelow, defineStrategy } from 'playhead';
${top}
export default defineStrategy({
  name: 'made',
  parameters: {},
  setup({ bars, series, indicators, wake }) {
${setupBody}
  },
});
`;
}

/** Handlers that trade wherever the close crosses the column. */
export const crossing = (column: string): string => `    return {
      onBar({ order, position }) {
        if (crossedAbove(bars.close, ${column}) && position.isFlat) order.market({ side: 1, equityFraction: 0.5 });
        else if (crossedBelow(bars.close, ${column})) order.close();
      },
    };`;

export function lineOf(text: string, mark: string): number {
  return text.split('\n').findIndex((line) => line.includes(mark)) + 1;
}

/** What a check needs of a strategy's text, loaded through the bundler and the fence. */
export async function checkInput(text: string, given: Partial<CheckInput> = {}): Promise<CheckInput> {
  writeFileSync(join(scratch, 'made.ts'), text);
  return inputOf(await bundleStrategy('made.ts', { root: scratch }), given);
}

export function inputOf(bundle: { code: string; sourceMap: string }, given: Partial<CheckInput> = {}): CheckInput {
  return {
    tapes: [minutes(600)],
    instruments: [instrumentOf()],
    settings: settingsOf({ replay: 'dense' }),
    strategy: compileStrategy(bundle.code),
    parameters: {},
    hashes: testHashes,
    seed: 1,
    sampleCount: 12,
    locate: (error) => placeOf(error, bundle.sourceMap),
    ...given,
  };
}
