import { describe, expect, test } from 'vitest';
import type { Semantics } from '../../settings.ts';
import { playScript, type Script } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;
const still: BarRow = [100, 100, 100, 100];

interface Rules {
  readonly semantics?: Partial<Semantics>;
  readonly fee?: number;
}

/** Each fill as "price@bar", those of the strategy's own without a role. */
function told(rows: readonly BarRow[], at: Script['at'], { semantics = {}, fee = 0 }: Rules): string {
  const { fills } = playScript({
    rows,
    at: at ?? {},
    settings: { account: { kind: 'frictionless', leverage: 5 }, costs: { feeRateTaker: fee, feeRateMaker: fee }, semantics },
  });
  return fills.map((fill) => `${fill.role === 'own' ? '' : `${fill.role} `}${fill.priceQuote}@${fill.openTimeMs / minuteMs}`).join(' ');
}

/** Sends one order at the close of the first bar. */
const first = (act: NonNullable<Script['at']>[number]): Script['at'] => ({ 0: act });

describe('gapFill: ownPriceInBar (13.5)', () => {
  const semantics = { gapFill: 'ownPriceInBar', limitFill: 'touch' } as const;
  const stopped = first(({ order }) => void order.market({ ...buy, stopLoss: 95 }));
  const taken = first(({ order }) => void order.market({ ...buy, takeProfit: 105 }));
  const short = first(({ order }) => void order.market({ ...sell, stopLoss: 105 }));

  test.each<[string, Script['at'], BarRow, string]>([
    ['a stop that the open has passed and the bar comes back to fills at its own price', stopped, [90, 96, 88, 92], 'stopLoss 95@2'],
    ['a stop that the bar does not come back to fills at the open', stopped, [90, 94, 88, 92], 'stopLoss 90@2'],
    ['so does that of a short', short, [110, 112, 106, 108], 'stopLoss 110@2'],
    ['a target that the open has passed fills at its own price', taken, [110, 112, 104, 106], 'takeProfit 105@2'],
    ['a target that the bar does not come back to fills at its nearest price', taken, [110, 112, 107, 108], 'takeProfit 107@2'],
  ])('%s', (_, at, bar, exit) => {
    expect(told([still, still, bar], at, { semantics })).toBe(`100@1 ${exit}`);
  });

  test('a limit beyond the bar buys at its high, a market order takes the open', () => {
    const at = first(({ order }) => {
      order.limit({ ...buy, limitPrice: 110 });
      order.market(buy);
    });
    expect(told([still, [100, 104, 98, 100]], at, { semantics })).toBe('100@1 104@1');
  });

  test('a stop-limit whose stop lies outside the bar does not fill at an open beyond its limit', () => {
    const at = first(({ order }) => void order.stopLimit({ ...buy, stopPrice: 105, limitPrice: 106 }));
    expect(told([still, [110, 112, 108, 110]], at, { semantics })).toBe('');
    expect(told([still, [105.5, 112, 105.2, 110]], at, { semantics })).toBe('105.5@1');
  });

  const steps = (afterMs: number, fraction: number) =>
    first(
      ({ order }) =>
        void order.market({
          ...buy,
          takeProfit: [
            { afterMs: 0, fraction: 0.5 },
            { afterMs, fraction },
          ],
        }),
    );
  test.each<[string, number, number, string]>([
    ['a step that begins at an open beyond it fills at that open', minuteMs, 0.02, 'takeProfit 104@2'],
    ['one that began before fills at its own price', minuteMs - 1, 0.02, 'takeProfit 102@2'],
    ['one that begins at an open short of it fills at its own price', minuteMs, 0.05, 'takeProfit 105@2'],
    ['−1 from a whole number of bars on leaves at the open', minuteMs, -1, 'takeProfit 104@2'],
    ['−1 from within a bar on leaves at the nearest price of the next', minuteMs - 1, -1, 'takeProfit 101@2'],
  ])('%s', (_, afterMs, fraction, exit) => {
    expect(told([still, still, [104, 106, 101, 103]], steps(afterMs, fraction), { semantics })).toBe(`100@1 ${exit}`);
  });
});

describe('lastBarEntry: never (13.9)', () => {
  const semantics = { lastBarEntry: 'never', endOfRun: 'closeAtLastOpen', limitFill: 'touch' } as const;
  const rows: BarRow[] = [still, still, [100, 101, 99, 100]];

  test('what was sent behind the open before the last does not enter, and expires', () => {
    const at: Script['at'] = { 1: ({ order }) => void order.market(buy), 2: ({ order }) => void order.market(buy) };
    expect(told(rows, at, { semantics })).toBe('');
    expect(told(rows, at, { semantics: { ...semantics, lastBarEntry: 'fill' } })).toBe('100@2 endOfRun 100@2 100@2');
  });

  test('what rested before does, and what leaves does', () => {
    expect(told(rows, { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 99 }) }, { semantics })).toBe('99@2 endOfRun 100@2');
    const inAndOut: Script['at'] = { 0: ({ order }) => void order.market(buy), 1: ({ order }) => void order.close() };
    expect(told(rows, inAndOut, { semantics })).toBe('100@1 100@2');
  });
});

describe('of a stop and a trailing stop of one entry the nearer comes first (4.2)', () => {
  const rows: BarRow[] = [still, still, [106, 110, 106, 109], [109, 109, 80, 85]];
  const at = first(({ order }) => void order.market({ ...buy, stopLoss: 90, trail: { fraction: 0.05 } }));

  test('inside a bar that goes through both', () => {
    expect(told(rows, at, {})).toBe('100@1 trail 104.5@3');
  });

  test('at an open that has passed both', () => {
    expect(told([...rows.slice(0, 3), [85, 85, 80, 85]], at, {})).toBe('100@1 trail 85@3');
  });

  test('the stop, where the trailing stop lies behind it', () => {
    expect(
      told(
        [still, [100, 100, 80, 85]],
        first(({ order }) => void order.market({ ...buy, stopLoss: 96, trail: { fraction: 0.05 } })),
        {},
      ),
    ).toBe('100@1 stopLoss 96@1');
  });
});

describe('exitOrder: stopsTargetsTrails (13.10)', () => {
  const semantics = { exitOrder: 'stopsTargetsTrails', trailFollows: 'inside' } as const;
  const entry = (stopLoss: number | undefined) =>
    first(
      ({ order }) =>
        void order.market({ ...buy, ...(stopLoss === undefined ? {} : { stopLoss }), takeProfit: 108, trail: { fraction: 0.1 } }),
    );
  const moved: BarRow[] = [still, [100, 105, 99, 105], [105, 109, 80, 100]];
  const unmoved: BarRow[] = [still, [100, 109, 80, 100]];

  test('a trailing stop that has moved comes behind the target, though the plain stop was reached too', () => {
    expect(told(moved, entry(90), { semantics })).toBe('100@1 takeProfit 108@2');
    expect(told(moved, entry(90), { semantics: { trailFollows: 'inside' } })).toBe('100@1 trail 94.5@2');
  });

  test('a stop, and a trailing stop at its first level, come before it', () => {
    expect(told(unmoved, entry(90), { semantics })).toBe('100@1 stopLoss 90@1');
    expect(told(unmoved, entry(undefined), { semantics })).toBe('100@1 trail 90@1');
  });
});

describe('profitFraction: afterFees (13.11)', () => {
  const semantics = { profitFraction: 'afterFees', grid: 'lots', profitReached: 'beyond', gapFill: 'ownPriceInBar' } as const;
  const fee = 0.01;
  const rounded = (text: string) => text.replace(/\d+\.\d+/g, (price) => Number(price).toFixed(6));
  const entry = (side: 1 | -1) => first(({ order }) => void order.market({ side, sizeBase: 1, takeProfit: { fraction: 0.1 } }));

  test('a long takes 10 % at 100 × 1.11 ÷ 0.99, once 100 × 1.01 × 1.1 ÷ 0.99 has been passed', () => {
    const at = entry(1);
    expect(rounded(told([still, [100, 112.223, 100, 100]], at, { semantics, fee }))).toBe(`100@1 takeProfit ${(111 / 0.99).toFixed(6)}@1`);
    expect(told([still, [100, 112.222, 100, 100]], at, { semantics, fee })).toBe('100@1');
  });

  test('a short takes 10 % at 100 × 0.89 ÷ 1.01, or where the bar ends once 100 × 0.99 × 0.9 ÷ 1.01 has been passed', () => {
    const at = entry(-1);
    expect(rounded(told([still, [100, 100, 88.1, 100]], at, { semantics, fee }))).toBe(`100@1 takeProfit ${(89 / 1.01).toFixed(6)}@1`);
    expect(told([still, [100, 100, 88.2, 100]], at, { semantics, fee })).toBe('100@1 takeProfit 88.2@1');
    expect(told([still, [100, 100, 88.22, 100]], at, { semantics, fee })).toBe('100@1');
  });

  test('a trailing stop counts from its activation after fees on, a stop lies at its distance in price', () => {
    const at = first(
      ({ order }) => void order.market({ ...buy, stopLoss: { fraction: 0.5 }, trail: { distance: 1, activation: { fraction: 0.1 } } }),
    );
    expect(told([still, [100, 112.222, 100, 100], [100, 100, 49, 50]], at, { semantics, fee })).toBe('100@1 stopLoss 50@2');
    expect(told([still, [100, 112.223, 100, 100]], at, { semantics, fee })).toBe('100@1 trail 111.223@1');
  });
});

describe('profitReached: beyond (13.12)', () => {
  const semantics = { profitReached: 'beyond', limitFill: 'touch' } as const;

  test.each([
    ['a target given as a fraction', { fraction: 0.05 }],
    ['a target given as a price', 105],
  ])('%s waits for the price to go beyond it', (_, takeProfit) => {
    const at = first(({ order }) => void order.market({ ...buy, takeProfit }));
    expect(told([still, [100, 105, 100, 100]], at, { semantics })).toBe('100@1');
    expect(told([still, [100, 105.01, 100, 100]], at, { semantics })).toBe('100@1 takeProfit 105@1');
    expect(told([still, [100, 105, 100, 100]], at, { semantics: { limitFill: 'touch' } })).toBe('100@1 takeProfit 105@1');
  });

  test('so does an activation, also one at the entry itself', () => {
    const at = first(({ order }) => void order.market({ ...buy, trail: { distance: 3, activation: { fraction: 0 } } }));
    expect(told([still, [100, 100, 96, 100]], at, { semantics })).toBe('100@1');
    expect(told([still, [100, 100, 96, 100]], at, {})).toBe('100@1 trail 97@1');
    expect(told([still, [100, 100.01, 96, 100]], at, { semantics })).toBe('100@1 trail 97.01@1');
  });

  test('beside many orders at rest', () => {
    const at = first(({ order }) => {
      order.market({ ...sell, takeProfit: { fraction: 0.1 } });
      for (let k = 0; k < 10; k++) order.limit({ ...buy, limitPrice: 10 + k });
    });
    const rules = { ...semantics, profitFraction: 'afterFees', grid: 'lots', gapFill: 'ownPriceInBar' } as const;
    expect(told([still, [100, 100, 88.2, 100]], at, { semantics: rules, fee: 0.01 })).toBe('100@1 takeProfit 88.2@1');
  });
});

describe('targetStepsFrom: firstBar (13.13)', () => {
  const rows: BarRow[] = [still, still, [100, 103, 98, 98], [98, 101, 98, 100], still];
  const at = first(({ order }) => {
    order.limit({
      ...buy,
      limitPrice: 99,
      takeProfit: [
        { afterMs: 0, fraction: 0.5 },
        { afterMs: 2 * minuteMs, fraction: 0.01 },
      ],
    });
  });

  test('steps count from the first bar of an entry that fills a bar later', () => {
    expect(told(rows, at, { semantics: { targetStepsFrom: 'firstBar' } })).toBe('99@2 takeProfit 99.99@3');
    expect(told(rows, at, { semantics: { targetStepsFrom: 'fill' } })).toBe('99@2');
  });
});

describe('trailFollows: inside (13.8)', () => {
  const rows: BarRow[] = [still, still, [104, 106, 99, 105]];
  const at = first(({ order }) => void order.market({ ...buy, trail: { distance: 4 } }));

  test('the open does not raise the level, the extreme does and is held against its bar', () => {
    expect(told(rows, at, { semantics: { trailFollows: 'everyPrice' } })).toBe('100@1 trail 100@2');
    expect(told(rows, at, { semantics: { trailFollows: 'inside' } })).toBe('100@1 trail 102@2');
  });
});

describe('entryBarTarget: unlessGivenBack (13.6)', () => {
  const semantics = { entryBarTarget: 'unlessGivenBack', limitFill: 'touch' } as const;
  const at = first(({ order }) => void order.limit({ ...buy, limitPrice: 98, stopLoss: 90, takeProfit: 103 }));

  test.each<[string, BarRow, string]>([
    ['a bar that closes above its open', [100, 104, 97, 101], '98@1 takeProfit 103@1'],
    ['a bar that closes below its open, beyond the target', [106, 107, 97, 104], '98@1 takeProfit 103@1'],
    ['not one that closes below both', [100, 104, 97, 99], '98@1'],
    ['not where the stop was reached', [100, 104, 89, 101], '98@1 stopLoss 90@1'],
  ])('%s', (_, bar, expected) => {
    expect(told([still, bar], at, { semantics })).toBe(expected);
  });
});

describe('entryBarTrail: leastRise (13.14)', () => {
  const semantics = { entryBarTrail: 'leastRise', trailFollows: 'inside', limitFill: 'touch' } as const;
  const entry = (trail: object, limitPrice?: number): Script['at'] =>
    first(({ order }) => {
      const wish = { ...buy, stopLoss: 80, takeProfit: 130, trail: trail as { distance: number } };
      if (limitPrice === undefined) order.market(wish);
      else order.limit({ ...wish, limitPrice });
    });
  const bar: BarRow = [100, 120, 90, 100];

  test.each<[string, object, string]>([
    ['from the open less its distance', { fraction: 0.05 }, '95@1'],
    ['from the activation less the distance of the open', { fraction: 0.05, activation: { fraction: 0.1 } }, '105@1'],
    ['from an activation given as a price', { distance: 4, activation: 112 }, '108@1'],
    [
      'from where the first stage counts, at the distance of the stage in force',
      [{ fraction: 0.2 }, { distance: 4, activation: 110 }],
      '96@1',
    ],
    ['not beyond the bar', { fraction: 0.15 }, '90@1'],
  ])('%s', (_, trail, exit) => {
    expect(told([still, bar], entry(trail), { semantics })).toBe(`100@1 trail ${exit}`);
  });

  test('also behind an entry inside, and not on later bars', () => {
    const dip: BarRow = [100, 120, 92, 100];
    expect(told([still, dip], entry({ distance: 4 }, 95), { semantics })).toBe('95@1 trail 96@1');
    expect(told([still, dip], entry({ distance: 4 }, 95), {})).toBe('95@1');
    expect(told([still, bar], entry({ distance: 4 }, 95), { semantics })).toBe('95@1 trail 91@1');
    expect(told([still, still, [100, 120, 97, 100]], entry({ distance: 4 }), { semantics })).toBe('100@1 trail 116@2');
  });

  test('a target that was reached comes before it', () => {
    const target: BarRow = [100, 131, 97, 130];
    const rules = { ...semantics, exitOrder: 'stopsTargetsTrails', entryBarTarget: 'unlessGivenBack' } as const;
    expect(told([still, target], entry({ distance: 4 }), { semantics: rules })).toBe('100@1 takeProfit 130@1');
    expect(told([still, target], entry({ distance: 4 }, 98), { semantics: rules })).toBe('98@1 takeProfit 130@1');
  });
});

describe('sizingAt: fill (13.2)', () => {
  test('an amount of quote is a quantity at the price of its fill', () => {
    const run = (sizingAt: Semantics['sizingAt']) =>
      playScript({
        rows: [still, [200, 200, 200, 200]],
        at: first(({ order }) => void order.market({ side: 1, sizeQuote: 100 })) ?? {},
        settings: { semantics: { sizingAt } },
      }).fills[0].sizeBase;
    expect([run('submit'), run('fill')]).toEqual([1, 0.5]);
  });
});
