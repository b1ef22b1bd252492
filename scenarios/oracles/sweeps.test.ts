/**
 * Published optimisations as sweeps, from imported file to ranked trials, by the command line: kernc/backtesting.py 0.6.6 (Quick Start notebook) and
 * mementum/backtrader 1.9.78 (tests/test_strategy_optimized.py). Money at the digits published. Left out: Grademark's, which compound trades and not
 * an account; grademark.test.ts has them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOracles, oraclesPath } from '../../engine/testing/tapes.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { skipReason } from './oracle-run.test.helper.ts';

interface Trial {
  readonly parameters: Record<string, number>;
  readonly metrics: Record<string, number>;
}

let desk: Desk;
beforeAll(() => {
  if (hasOracles) desk = createDesk();
}, 60_000);
afterAll(() => desk?.remove());

interface Published {
  readonly csv: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly scenario: string;
  readonly importing?: readonly string[];
}

/** Every trial, the best first. */
function sweep(name: string, { csv, symbol, strategy, scenario, importing = [] }: Published): readonly Trial[] {
  const imported = desk.playhead(['data', 'import', csv, '--venue', 'oracle', '--symbol', symbol, '--timeframe', '1d', '-q', ...importing]);
  if (imported.code !== 0) throw new Error(imported.error);
  writeFileSync(join(desk.path, 'strategies', `${name}.ts`), strategy);
  writeFileSync(
    join(desk.path, `${name}.yaml`),
    `name: ${name}\ndata: { series: [{ venue: oracle, symbol: ${symbol}, timeframe: 1d }] }\nstrategy: { file: ./strategies/${name}.ts }\n${scenario}`,
  );
  const { code, out, error } = desk.playhead(['sweep', `${name}.yaml`, '--json', '-q', '--jobs', '2', '--top', '100']);
  if (code !== 0) throw new Error(`sweep ended with ${code}: ${error}${out}`);
  return (JSON.parse(out) as { readonly best: readonly Trial[] }).best;
}

const smaCross = `import { crossedAbove, crossedBelow, defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'sma-cross',
  parameters: { n1: integer(10, { min: 2, max: 100 }), n2: integer(30, { min: 2, max: 200 }) },
  setup({ bars, indicators, parameters }) {
    const fast = indicators.sma(bars.close, parameters.n1);
    const slow = indicators.sma(bars.close, parameters.n2);
    return {
      onBar({ order }) {
        const side = crossedAbove(fast, slow) ? 1 : crossedBelow(fast, slow) ? -1 : 0;
        if (side === 0) return;
        order.close();
        order.market({ side, equityFraction: 1 });
      },
    };
  },
});
`;

describe.skipIf(!hasOracles)(`backtesting.py Quick Start as a sweep${skipReason}`, () => {
  test('of 50 pairs 10/15 ends best, at 105,040.12612 (5 decimals) after 152 trades', () => {
    const trials = sweep('quick-start', {
      csv: join(oraclesPath, 'backtesting-py/data/GOOG.csv'),
      symbol: 'GOOG',
      strategy: smaCross,
      scenario: `account: { initialCapital: 10000, kind: frictionless }
costs: { slippage: 0.002 }
semantics: backtesting.py
endOfRun: keepOpen
search:
  parameters: { n1: { from: 5, to: 25, step: 5 }, n2: { from: 10, to: 65, step: 5 } }
  where: [n1 < n2]
  objective: equityQuoteFinal
`,
    });
    expect(trials).toHaveLength(50);
    const [{ parameters, metrics }] = trials;
    expect(parameters).toMatchObject({ n1: 10, n2: 15 });
    expect(metrics.equityQuoteFinal, `${metrics.equityQuoteFinal} for 105040.12612`).toBeCloseTo(105_040.12612, 5);
    expect(metrics.tradeCount, `${metrics.tradeCount} for 152`).toBe(152);
  }, 60_000);
});

/** It buys at the first cross and never learns that it has: the test's own way of never selling. */
const firstCross = `import { crossing, defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'first-cross',
  parameters: { period: integer(15, { min: 2, max: 100 }) },
  setup({ bars, indicators, parameters }) {
    const mean = indicators.sma(bars.close, parameters.period);
    let isDone = false;
    return {
      onBar({ order }) {
        if (isDone || crossing(bars.close, mean) <= 0) return;
        isDone = true;
        order.market({ side: 1, sizeBase: 1 });
      },
    };
  },
});
`;

describe.skipIf(!hasOracles)(`backtrader test_strategy_optimized as a sweep${skipReason}`, () => {
  test('each of 40 periods ends at its value (2 decimals)', () => {
    const { optimized } = JSON.parse(readFileSync(join(oraclesPath, 'backtrader/expected_strategy.json'), 'utf8')) as {
      readonly optimized: { readonly periods: readonly number[]; readonly final_value: readonly string[] };
    };
    const csv = join(desk.path, 'index.csv');
    writeFileSync(csv, readFileSync(join(oraclesPath, 'backtrader/2006-day-001.txt')));
    const trials = sweep('optimized', {
      csv,
      importing: ['--multiplier', '10'],
      symbol: 'INDEX',
      strategy: firstCross,
      scenario: `account: { initialCapital: 10000, kind: futures, margins: [{ per: contract, initial: 1000, maintenance: 1000 }] }
costs: { feeFixed: 2 }
semantics: backtrader
search: { parameters: { period: { from: 5, to: 44 } } }
`,
    });
    const found = new Map(trials.map(({ parameters, metrics }) => [parameters.period, metrics.equityQuoteFinal]));
    expect(optimized.periods).toHaveLength(40);
    for (const [k, period] of optimized.periods.entries()) {
      const value = found.get(period) ?? Number.NaN;
      expect(value.toFixed(2), `${value} for ${optimized.final_value[k]}`).toBe(optimized.final_value[k]);
    }
  }, 60_000);
});
