import { describe, expect, test } from 'vitest';
import { type PlayInput, play as playInput, playRefining } from '../../play.ts';
import { type Script, scriptInput } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;
type Settings = NonNullable<Parameters<typeof scriptInput>[0]['settings']>;

/** Bars of five minutes; finer: minutes of some of them. */
function input(bars: readonly BarRow[], at: Script['at'], settings: Settings, finer: PlayInput['finer'] = []): PlayInput {
  return {
    ...scriptInput({
      tapes: [tapeOf(bars, { timeframe: '5m' })],
      settings: { account: { kind: 'frictionless', leverage: 10 }, ...settings },
      ...(at && { at }),
    }),
    finer,
  };
}
const minutes = (startMs: number, rows: readonly BarRow[]) => tapeOf(rows, { startMs, timeframe: '1m' });
const told = ({ fills }: { fills: readonly { role: string; priceQuote: number }[] }) =>
  fills.map(({ role, priceQuote }) => `${role === 'own' ? '' : `${role} `}${priceQuote}`).join(', ');
const bracket: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 98, takeProfit: 102 }) };

describe('path: open, nearer extreme, other extreme, close (5.5)', () => {
  const path = (bars: readonly BarRow[], at: Script['at']) => playInput(input(bars, at, { ambiguity: 'path' }));

  test.each<[string, BarRow, string]>([
    ['the nearer high comes first: the target', [100, 102.5, 97, 100], '100, takeProfit 102'],
    ['the nearer low comes first: the stop', [100, 103.5, 97, 100], '100, stopLoss 98'],
    ['at equal distance the low', [100, 103, 97, 100], '100, stopLoss 98'],
  ])('%s', (_, bar, fills) => {
    const result = path([flat, bar], bracket);
    expect(told(result)).toBe(fills);
    expect([result.ambiguousBarCount, result.decidedBarCount]).toEqual([0, 1]);
  });

  test('what a fill makes is live on the rest of the walk', () => {
    const entry: Script['at'] = { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 102, stopLoss: 99, takeProfit: 104 }) };
    // Down to 98 first, then up: the entry, and its target.
    expect(told(path([flat, [100, 105, 98, 103]], entry))).toBe('102, takeProfit 104');
    // Up to 103 first, then down to 96: the entry, and its stop.
    expect(told(path([flat, [100, 103, 96, 97]], entry))).toBe('102, stopLoss 99');
    // Down, up to 103, and the close at 98.5: the stop on the last leg.
    expect(told(path([flat, [100, 103, 98, 98.5]], entry))).toBe('102, stopLoss 99');
    expect(path([flat, [100, 103, 98, 98.5]], entry).decidedBarCount).toBe(0);
    expect(path([flat, [100, 103, 98, 101]], entry).decidedBarCount).toBe(1);
  });

  test('a stop-limit that is triggered rests as a limit on the rest of the walk', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.stopLimit({ ...buy, stopPrice: 102, limitPrice: 101 }) };
    expect(told(path([flat, [100, 103, 99, 100]], at))).toBe('101');
    expect(told(path([flat, [100, 103, 99, 102]], at))).toBe('');
  });

  test('a limit if touched likewise, at the touch price where that is better than its limit', () => {
    const at = (limitPrice: number): Script['at'] => ({
      0: ({ order }) => void order.limitIfTouched({ ...buy, touchPrice: 98, limitPrice }),
    });
    expect(told(path([flat, [100, 101, 96, 100]], at(97)))).toBe('97');
    expect(told(path([flat, [100, 101, 97.5, 100]], at(99)))).toBe('98');
  });

  test('a trailing stop follows up and stands on the way down', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.trailingStop({ ...sell, trail: { distance: 2 } }) };
    // Up to 104 first, then down to 96: 102. Down to 99 first, up to 104, close at 103: none.
    expect(told(path([flat, [100, 104, 95, 96]], at))).toBe('102');
    expect(told(path([flat, [100, 104, 99, 103]], at))).toBe('');
    expect(told(path([flat, [100, 104, 99, 103], [103, 103, 101, 101]], at))).toBe('102');
  });

  test('orders fill in the sequence in which the price reaches them, ties as in the stages', () => {
    const at: Script['at'] = {
      0({ order }) {
        order.limit({ ...buy, limitPrice: 97 });
        order.limit({ ...buy, limitPrice: 99 });
        order.stop({ ...buy, stopPrice: 101 });
      },
    };
    const result = path([flat, [100, 102, 96, 100]], at);
    expect(result.fills.map((fill) => fill.orderId)).toEqual([2, 1, 0]);
  });
});

describe('an order that waits for a fill inside a bar (4.5)', () => {
  const at: Script['at'] = {
    0: ({ order }) => void order.market({ side: 1, sizeQuote: 206, after: order.stop({ ...buy, stopPrice: 102, stopLoss: 99 }) }),
  };
  const bar: BarRow = [100, 104, 98, 103];
  const finer = minutes(5 * minuteMs, [
    [100, 100, 98, 98],
    [98, 104, 98, 104],
    [104, 104, 99, 99],
    [99, 101, 99, 101],
    [101, 103, 101, 103],
  ]);
  const heldOrder = (ambiguity: Settings['ambiguity'], later: readonly BarRow[]) => {
    const { orders, fills } = playInput(input([flat, bar, ...later], at, { ambiguity: ambiguity ?? 'path' }, [finer]));
    const held = orders.find(({ sizeRule }) => sizeRule === 'quote');
    return [
      held?.sizeBase,
      fills.filter(({ orderId }) => orderId === held?.id).map(({ timeMs, priceQuote }) => [timeMs / minuteMs, priceQuote]),
    ];
  };

  test.each(['path', 'pessimistic', 'optimistic', 'refine', 'branching'] as const)(
    '%s: is sized at the close of that bar, whatever comes later, and fills at the next open',
    (ambiguity) => {
      // 206 at the close, 103, are 2: not at 102, where the stop filled, nor at a price that is not known yet.
      expect(heldOrder(ambiguity, [])).toEqual([2, []]);
      for (const open of [90, 110]) expect(heldOrder(ambiguity, [[open, open, open, open]])).toEqual([2, [[10, open]]]);
    },
  );
});

describe('refine: finer bars in place of ambiguous ones (5.6)', () => {
  const bars: BarRow[] = [flat, [100, 103, 97, 100], [100, 103, 97, 100]];
  const openMs = 5 * minuteMs;
  const targetFirst = minutes(openMs, [
    [100, 101, 100, 101],
    [101, 103, 101, 102],
    [102, 102, 97, 97],
    [97, 100, 97, 100],
    [100, 100, 100, 100],
  ]);
  const refine = (finer: PlayInput['finer'], at = bracket) => playRefining(input(bars, at, { ambiguity: 'refine' }, finer));

  test('without them the bar stays as it is, counted, and that they are missing is told', () => {
    const { result, isFinerMissing } = refine([]);
    expect(told(result)).toBe('100, stopLoss 98');
    expect([result.ambiguousBarCount, result.notRefinedBarCount, result.decidedBarCount]).toEqual([1, 1, 0]);
    expect(isFinerMissing).toBe(true);
  });

  test('where they fit they decide, and fills keep the stamps of the bar', () => {
    const { result, isFinerMissing } = refine([targetFirst]);
    expect(told(result)).toBe('100, takeProfit 102');
    expect(result.fills[1]).toMatchObject({ timeMs: 2 * openMs, openTimeMs: openMs });
    expect([result.ambiguousBarCount, result.notRefinedBarCount, result.decidedBarCount]).toEqual([0, 0, 1]);
    expect(isFinerMissing).toBe(false);
  });

  test.each<[string, BarRow, BarRow]>([
    ['open', [100.5, 101, 100, 101], [101, 103, 97, 100]],
    ['high', [100, 101, 100, 101], [101, 102.5, 97, 100]],
    ['low', [100, 101, 100, 101], [101, 103, 96, 100]],
    ['close', [100, 103, 100, 101], [101, 101, 97, 99]],
  ])('where they are not the same bar by its %s, it stays as it is', (_, first, second) => {
    const { result, isFinerMissing } = refine([minutes(openMs, [first, second])]);
    expect(told(result)).toBe('100, stopLoss 98');
    expect(result.notRefinedBarCount).toBe(1);
    expect(isFinerMissing).toBe(false);
  });

  test('a finer bar that is in doubt itself is pessimistic, and the bar stays ambiguous', () => {
    const { result } = refine([minutes(openMs, [[100, 103, 97, 100]])]);
    expect(told(result)).toBe('100, stopLoss 98');
    expect([result.ambiguousBarCount, result.notRefinedBarCount, result.decidedBarCount]).toEqual([1, 0, 0]);
  });

  test('of all finer bars only those in bars in doubt are hashed with the tape', () => {
    const { columns } = targetFirst;
    const rows = Array.from(columns.open, (_, i): BarRow => [columns.open[i], columns.high[i], columns.low[i], columns.close[i]]);
    const whole = minutes(0, [...new Array<BarRow>(5).fill(flat), ...rows, ...new Array<BarRow>(5).fill(flat)]);
    const hash = (finer: PlayInput['finer']) => refine(finer).result.certificate.tapeHash;
    expect(hash([whole])).toBe(hash([targetFirst]));
    expect(hash([whole])).not.toBe(hash([]));
    expect(refine([whole], {}).result.certificate.tapeHash).toBe(refine([], {}).result.certificate.tapeHash);
  });

  test('refineOptimistic takes optimistically what finer bars leave in doubt, and bars without any', () => {
    const played = (finer: PlayInput['finer']) => playInput(input(bars, bracket, { ambiguity: 'refineOptimistic' }, finer));
    const doubtful = minutes(openMs, [[100, 103, 97, 100]]);
    for (const finer of [[], [doubtful]]) {
      const result = played(finer);
      expect([told(result), result.ambiguousBarCount]).toEqual(['100, takeProfit 102', 1]);
    }
    expect(played([doubtful]).notRefinedBarCount).toBe(0);
    const stopFirst = minutes(openMs, [
      [100, 101, 97, 98],
      [98, 103, 98, 100],
    ]);
    expect(told(played([stopFirst]))).toBe('100, stopLoss 98');
  });

  test('an entry inside, and what it attaches, go on in the finer bars behind it', () => {
    const entry: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, stopLoss: 90, takeProfit: 99.5 }) };
    const { result } = refine(
      [
        minutes(openMs, [
          [100, 103, 100, 102],
          [102, 102, 99, 99],
          [99, 99, 97, 97.5],
          [97.5, 100, 97.5, 100],
        ]),
      ],
      entry,
    );
    expect(told(result)).toBe('98, takeProfit 99.5');
    expect(result.decidedBarCount).toBe(1);
  });

  test('an open of a finer bar that gaps through a stop fills it there', () => {
    const gap = minutes(openMs, [
      [100, 101, 99, 99],
      [97, 103, 97, 100],
    ]);
    expect(told(refine([gap]).result)).toBe('100, stopLoss 97');
  });

  test('bars that are in no doubt are not looked at', () => {
    const calm: BarRow[] = [flat, [100, 101, 97, 98]];
    const wild = minutes(openMs, [
      [100, 101, 97.5, 98],
      [99, 99, 97, 98],
    ]);
    const { result } = playRefining(input(calm, bracket, { ambiguity: 'refine' }, [wild]));
    expect(told(result)).toBe('100, stopLoss 98');
    expect([result.ambiguousBarCount, result.decidedBarCount]).toEqual([0, 0]);
  });
});

describe('branching: a choice for each bar in doubt (5.7)', () => {
  const twice: BarRow[] = [flat, [100, 103, 97, 100], flat, [100, 103, 97, 100], flat];
  const at: Script['at'] = { ...bracket, 2: ({ order }) => void order.market({ ...buy, stopLoss: 98, takeProfit: 102 }) };
  const branch = (...branches: ('pessimistic' | 'optimistic')[]) => playInput(input(twice, at, { ambiguity: 'branching', branches }));

  test('the n-th bar takes the n-th choice, and pessimistic behind the last', () => {
    expect(told(branch())).toBe('100, stopLoss 98, 100, stopLoss 98');
    expect(told(branch('optimistic'))).toBe('100, takeProfit 102, 100, stopLoss 98');
    expect(told(branch('pessimistic', 'optimistic'))).toBe('100, stopLoss 98, 100, takeProfit 102');
    expect(told(branch('optimistic', 'optimistic'))).toBe('100, takeProfit 102, 100, takeProfit 102');
  });

  test('every bar in doubt is counted, an entry inside judged before it fills', () => {
    expect(branch().ambiguousBarCount).toBe(2);
    const entry: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, takeProfit: 101 }) };
    const played = (choice: 'pessimistic' | 'optimistic') =>
      playInput(input([flat, [100, 102, 97, 99], flat], entry, { ambiguity: 'branching', branches: [choice] }));
    expect([played('pessimistic').ambiguousBarCount, told(played('pessimistic'))]).toEqual([1, '98']);
    expect(told(played('optimistic'))).toBe('98, takeProfit 101');
  });
});
