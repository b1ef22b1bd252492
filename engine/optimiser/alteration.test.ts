import { describe, expect, test } from 'vitest';
import { play } from '../play.ts';
import { type ScriptInput, scriptInput } from '../testing/play-script.ts';
import { settingsOf } from '../testing/settings.ts';
import { instrumentOf } from '../testing/tapes.ts';
import { type Alteration, Alterations, altersBars } from './alteration.ts';
import { wanderingTape } from './altered-bars.test.helper.ts';

const always: NonNullable<ScriptInput['always']> = ({ order, call }) => {
  if (call % 10 === 3) order.market({ side: 1, sizeBase: 1 });
  if (call % 10 === 7) order.close();
};

function played(
  settings: NonNullable<ScriptInput['settings']>,
  alteration: Alteration,
  instrument: NonNullable<ScriptInput['instrument']> = {},
) {
  const input = scriptInput({ tapes: [wanderingTape(300, 6)], always, settings, instrument });
  return play({ ...input, ...new Alterations(input, 1).of(alteration) });
}

const costsOf = ({ metrics }: ReturnType<typeof played>) => ({ fees: metrics.feeQuoteTotal, slippage: metrics.slippageQuoteTotal });

describe('costs so many times as high', () => {
  test.each([
    ['rates of the instrument', {}, { feeRateMaker: 0.001, feeRateTaker: 0.002 }],
    ['rates of the scenario', { costs: { feeRateMaker: 0.001, feeRateTaker: 0.002, feeFixedQuote: 0.5 } }, {}],
    ['tiers', { costs: { fees: { kind: 'tiers', tiers: [{ fromQuote: 0, maker: 0.001, taker: 0.002 }] } } }, {}],
    [
      'an amount a unit and its minimum',
      {
        costs: { fees: { kind: 'perUnit', amountQuote: 0.1, minimumQuote: 0.5, maximumQuote: 0.75, maximumFraction: 1, boundsOf: 'fill' } },
      },
      {},
    ],
  ] as const)('%s', (_name, settings, instrument) => {
    const [plain, dear] = [{ kind: 'none' }, { kind: 'costs', factor: 3 }].map((one) =>
      costsOf(played(settings as NonNullable<ScriptInput['settings']>, one as Alteration, instrument)),
    );
    expect(plain.fees).toBeGreaterThan(0);
    expect(dear.fees).toBeCloseTo(3 * plain.fees, 5);
  });

  test.each([
    ['a fraction', { slippageFraction: 0.001 }],
    ['a spread', { slippage: { kind: 'spread', spreadQuote: 0.5, spreadFraction: 0.001 } }],
    ['an impact', { slippage: { kind: 'squareRoot', impact: 0.01 } }],
  ] as const)('slippage by %s', (_name, costs) => {
    const [plain, dear] = [{ kind: 'none' }, { kind: 'costs', factor: 2 }].map((one) => costsOf(played({ costs }, one as Alteration)));
    expect(plain.slippage).toBeGreaterThan(0);
    // Each fill is put on the tick that hurts.
    expect(Math.abs(dear.slippage - 2 * plain.slippage)).toBeLessThan(0.02 * 60);
  });

  test('a rebate is so many times as low, today and after a change of rules', () => {
    const rebate = instrumentOf({ feeRateMaker: -0.0002, feeRateTaker: 0.001 });
    const changes = [{ ...rebate, fromMs: 5, feeRateMaker: -0.0001, feeRateTaker: 0.003 }];
    const run = { tapes: [], instruments: [{ ...rebate, changes }], settings: settingsOf() };
    const [dear] = new Alterations(run, 1).of({ kind: 'costs', factor: 2 }).instruments;
    expect(dear).toMatchObject({ feeRateMaker: -0.0001, feeRateTaker: 0.002 });
    expect(dear.changes).toMatchObject([{ feeRateMaker: -0.00005, feeRateTaker: 0.006 }]);
  });
});

test('a delay, entries left out and other bars alter what they say and nothing else', () => {
  const run = {
    tapes: [wanderingTape(50, 1)],
    instruments: [instrumentOf()],
    settings: settingsOf({ latency: { order: { kind: 'fixed', ms: 5 } } }),
  };
  const alterations = new Alterations(run, 9);
  expect(alterations.of({ kind: 'none' })).toEqual(run);
  const { settings } = run;
  expect(alterations.of({ kind: 'delay', bars: 2 })).toEqual({
    ...run,
    settings: { ...settings, latency: { ...settings.latency, bars: 2 } },
  });
  const skipped = alterations.of({ kind: 'skippedEntries', fraction: 0.1, replicate: 4 });
  expect(skipped).toEqual({ ...run, settings: { ...settings, skippedEntries: { fraction: 0.1, replicate: 4, seed: 9 } } });
  for (const kind of ['noise', 'permuted', 'bootstrapped'] as const) {
    const alteration: Alteration = { kind, rangeFraction: 0.1, replicate: 0 };
    const altered = alterations.of(alteration);
    expect(altered.settings).toBe(settings);
    expect(altered.tapes[0].columns.close).not.toEqual(run.tapes[0].columns.close);
    expect(altersBars(alteration)).toBe(true);
  }
  expect(altersBars({ kind: 'costs', factor: 2 })).toBe(false);
});
