import { describe, expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Workspace } from '../../engine/logs.ts';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { type Alteration, Alterations } from '../../engine/optimiser/alteration.ts';
import { wanderingTape } from '../../engine/optimiser/altered-bars.test.helper.ts';
import type { TrialSetting } from '../../engine/optimiser/trial.ts';
import { integer, type ParameterValues } from '../../engine/parameters.ts';
import { play } from '../../engine/play.ts';
import { crossedAbove, crossedBelow, defineStrategy, type StrategyDefinition } from '../../engine/strategy.ts';
import { settingsOf, testHashes } from '../../engine/testing/settings.ts';
import { instrumentOf } from '../../engine/testing/tapes.ts';
import { sentError } from '../sent-error.ts';
import { AlteredPlayer } from './play-altered.ts';

const cross = (): StrategyDefinition =>
  defineStrategy({
    name: 'cross',
    parameters: { fast: integer(3, { min: 2, max: 50 }), slow: integer(9, { min: 2, max: 50 }) },
    setup({ bars, indicators, parameters, wake }) {
      const fast = indicators.sma(bars.close, parameters.fast);
      const slow = indicators.sma(bars.close, parameters.slow);
      wake.onCross(fast, slow);
      return {
        onBar({ order, position }) {
          if (parameters.fast === 13) throw new Error('thirteen');
          if (crossedAbove(fast, slow) && position.isFlat) order.market({ side: 1, equityFraction: 1 });
          else if (crossedBelow(fast, slow)) order.close();
        },
      };
    },
  }) as unknown as StrategyDefinition;

const setting: TrialSetting = {
  tapes: [wanderingTape(600, 8)],
  finer: [],
  instruments: [instrumentOf({ feeRateTaker: 0.001 })],
  settings: settingsOf(),
  strategy: cross,
  conversions: [],
  tapeHash: 'bars',
  columns: new ColumnStore(),
  hashesOf: () => testHashes,
};
const sets: ParameterValues[] = [3, 5, 8].flatMap((fast) => [10, 20].map((slow) => ({ fast, slow })));
const alterations: Alteration[] = [
  { kind: 'none' },
  { kind: 'costs', factor: 2 },
  { kind: 'delay', bars: 1 },
  { kind: 'skippedEntries', fraction: 0.3, replicate: 1 },
  { kind: 'noise', rangeFraction: 0.2, replicate: 1 },
  { kind: 'permuted', replicate: 1 },
  { kind: 'bootstrapped', replicate: 1 },
];

function playerOf(goesOn: (place: number) => boolean = () => true): AlteredPlayer {
  return new AlteredPlayer({ setting, workspace: new Workspace(), sentError, goesOn });
}

const taskOf = (alteration: Alteration, memoryBytes = 1e9, given = sets) => ({
  ...({ kind: 'altered', sets: given, alteration, seed: 3, memoryBytes } as const),
  slot: new Int32Array(2),
});

describe('sets under an alteration', () => {
  test.each(alterations)('$kind: come out as single runs of altered input do, whatever columns they share', (alteration) => {
    const { columns: _columns, tapeHash: _hash, hashesOf: _of, ...shared } = setting;
    const altered = new Alterations(setting, 3).of(alteration);
    const single = sets.map((parameters) => {
      const { metrics } = play({ ...shared, ...altered, parameters, hashes: testHashes, recording: 'full' });
      return Float64Array.from(metricNames, (name) => metrics[name]);
    });
    const player = playerOf();
    // One after the other in one thread, with and without room for columns.
    player.play(taskOf({ kind: 'permuted', replicate: 9 }));
    expect(player.play(taskOf(alteration))).toEqual(single);
    expect(player.play(taskOf(alteration, 3 * 600 * 8))).toEqual(single);
    expect(player.play(taskOf(alteration, 0))).toEqual(single);
  });

  test.each(alterations)('$kind: leap from event to event as they step from bar to bar', (alteration) => {
    const [dense, sparse] = (['dense', 'sparse'] as const).map((replay) => {
      const one = { ...setting, settings: settingsOf({ replay }), columns: new ColumnStore() };
      return new AlteredPlayer({ setting: one, workspace: new Workspace(), sentError, goesOn: () => true }).play(taskOf(alteration));
    });
    expect(sparse).toEqual(dense);
  });

  test('that throw are told, and the others are played', () => {
    const answers = playerOf().play(taskOf({ kind: 'permuted', replicate: 0 }, 1e9, [{ fast: 13, slow: 20 }, sets[0]]));
    expect(answers[0]).toMatchObject({ code: 'STRATEGY_THREW' });
    expect(answers[1]).toBeInstanceOf(Float64Array);
  });

  test('stop behind the one under way', () => {
    expect(playerOf((place) => place < 2).play(taskOf({ kind: 'none' }))).toHaveLength(3);
  });
});

test('a trade returns its profit over the equity at the close before its entry', () => {
  const [parameters] = sets;
  const { columns: _columns, tapeHash: _hash, hashesOf: _of, ...shared } = setting;
  const { trades, equity, initialCapitalQuote } = play({ ...shared, parameters, hashes: testHashes, recording: 'full' });
  const returns = playerOf().tradeReturns(parameters);
  const leaping = { ...setting, settings: settingsOf({ replay: 'sparse' }) };
  const goesOn = (): boolean => true;
  expect(new AlteredPlayer({ setting: leaping, workspace: new Workspace(), sentError, goesOn }).tradeReturns(parameters)).toEqual(returns);
  expect(returns.length).toBeGreaterThan(5);
  trades.forEach(({ pnlQuote, entryBar }, k) => {
    expect(returns[k]).toBe(pnlQuote / (entryBar === 0 ? initialCapitalQuote : equity.equityQuote[entryBar - 1]));
  });
  // All in, one after the other: compounded they are the run, less what is open at its end.
  const grown = returns.reduce((product, value) => product * (1 + value), initialCapitalQuote);
  const closed = trades.reduce((sum, { pnlQuote }) => sum + pnlQuote, initialCapitalQuote);
  expect(grown / closed).toBeCloseTo(1, 9);
});
