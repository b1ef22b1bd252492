import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barEvent, endEvent, openEvent } from './event.ts';
import { assertOrdered, Feed, type FeedInput, lowerBound } from './feed.ts';
import type { Tape } from './model/bar.ts';
import { type Timeframe, timeframeMs } from './model/timeframe.ts';
import { tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const all = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER - 1 };

/** A tape whose bars open at these multiples of its timeframe; prices tell the bar. */
function tapeAt(symbol: string, timeframe: Timeframe, slots: readonly number[]): Tape {
  const rows = slots.map((slot) => [slot + 0.5, slot + 0.75, slot + 0.25, slot + 0.6] as const);
  return tapeOf(rows, { symbol, timeframe, openTimesMs: slots.map((slot) => slot * timeframeMs(timeframe)) });
}

interface Moment {
  readonly kind: number;
  readonly timeMs: number;
  readonly members: readonly number[];
}

/** Every event of the window, made by sorting: (time, bars before opens, order of declaration), equal times in one batch. */
function allMoments(input: FeedInput, finest: readonly number[]): Moment[] {
  const events: { timeMs: number; kind: number; series: number }[] = [];
  input.tapes.forEach(({ columns }, series) => {
    for (let i = 0; i < columns.length; i++) {
      if (columns.closeTimeMs[i] <= input.window.fromMs || columns.closeTimeMs[i] > input.window.toMs) continue;
      // A bar across the start closes like any other, but nothing trades on it; alone there is nobody it could close before.
      const isInside = columns.openTimeMs[i] >= input.window.fromMs;
      if (isInside || input.tapes.length > 1) events.push({ timeMs: columns.closeTimeMs[i], kind: barEvent, series });
      if (isInside && finest.includes(series)) events.push({ timeMs: columns.openTimeMs[i], kind: openEvent, series });
    }
  });
  events.sort((a, b) => a.timeMs - b.timeMs || a.kind - b.kind || a.series - b.series);
  const moments: { kind: number; timeMs: number; members: number[] }[] = [];
  for (const { timeMs, kind, series } of events) {
    const last = moments.at(-1);
    if (last !== undefined && last.timeMs === timeMs && last.kind === kind) last.members.push(series);
    else moments.push({ timeMs, kind, members: [series] });
  }
  return moments;
}

function naiveFinest({ tapes, instrumentIndexes, instrumentCount }: FeedInput): number[] {
  return Array.from({ length: instrumentCount }, (_, instrument) => {
    const own = tapes.map((_, i) => i).filter((i) => instrumentIndexes[i] === instrument);
    return own.reduce((best, i) => (timeframeMs(tapes[i].key.timeframe) < timeframeMs(tapes[best].key.timeframe) ? i : best));
  });
}

/** Slots with holes: starts late, ends early, misses some. */
const slotsOf = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.array(fc.constantFrom(1, 1, 1, 1, 2, 5), { minLength: 0, maxLength: 25 }))
  .map(([first, steps]) => {
    const slots = [first];
    for (const step of steps) slots.push(slots[slots.length - 1] + step);
    return slots;
  });

const inputs: fc.Arbitrary<FeedInput> = fc
  .record({
    instruments: fc.array(
      fc.uniqueArray(fc.tuple(fc.constantFrom<Timeframe>('1m', '3m', '5m'), slotsOf), {
        minLength: 1,
        maxLength: 3,
        selector: ([timeframe]) => timeframe,
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fromMinute: fc.constantFrom(-1000, 0, 7, 20),
    lengthMinutes: fc.constantFrom(10, 45, 5000),
    isWhole: fc.boolean(),
  })
  .map(({ instruments, fromMinute, lengthMinutes, isWhole }) => {
    const tapes = instruments.flatMap((series, i) => series.map(([timeframe, slots]) => tapeAt(`S${i}`, timeframe, slots)));
    const window = isWhole ? all : { fromMs: fromMinute * minuteMs, toMs: (fromMinute + lengthMinutes) * minuteMs };
    return {
      tapes,
      instrumentIndexes: instruments.flatMap((series, i) => series.map(() => i)),
      instrumentCount: instruments.length,
      window,
    };
  });

/** What must hold of every series at every moment: it shows the bar that closed last, and no later one. */
function expectIndexes(feed: Feed): void {
  feed.series.forEach((series) => {
    let last = -1;
    for (let i = 0; i < series.endBar; i++) if (series.columns.closeTimeMs[i] <= feed.timeMs) last = i;
    expect(series.index).toBe(last);
  });
}

describe('merging', () => {
  const seed = 42;

  test(`equals sorting all events, whatever opens are wanted when (seed ${seed})`, () => {
    fc.assert(
      fc.property(inputs, fc.infiniteStream(fc.boolean()), (input, wishes) => {
        const feed = new Feed(input);
        const finest = naiveFinest(input);
        expect(feed.finest.map((series) => feed.series.indexOf(series))).toEqual(finest);
        const moments = allMoments(input, finest);
        // A finest bar that opened inside the window makes a row.
        const isRowOf = (k: number, timeMs: number): boolean => {
          const { openTimeMs, closeTimeMs } = input.tapes[k].columns;
          return finest.includes(k) && openTimeMs[closeTimeMs.indexOf(timeMs)] >= input.window.fromMs;
        };
        const rows = [
          ...new Set(
            moments
              .filter((moment) => moment.kind === barEvent && moment.members.some((k) => isRowOf(k, moment.timeMs)))
              .map((moment) => moment.timeMs),
          ),
        ];
        expect([...feed.rowTimeMs]).toEqual(rows);
        let row = -1;
        for (let at = -1; ; ) {
          const wants = wishes.next().value;
          at++;
          // An open that was not wanted when its time came is gone for good.
          while (!wants && at < moments.length && moments[at].kind === openEvent) at++;
          const kind = feed.next(wants);
          if (at >= moments.length) {
            expect(kind).toBe(endEvent);
            return;
          }
          const members = Array.from({ length: feed.batchCount }, (_, k) => feed.series.indexOf(feed.batch[k]));
          expect({ kind, timeMs: feed.timeMs, members }).toEqual(moments[at]);
          expectIndexes(feed);
          if (kind !== barEvent) continue;
          const isRow = members.some((k) => isRowOf(k, feed.timeMs));
          if (isRow) row++;
          expect([feed.isRow, feed.row]).toEqual([isRow, row]);
        }
      }),
      { seed, numRuns: 400 },
    );
  });

  test('plays the same events again after a rewind', () => {
    const input = {
      tapes: [tapeAt('A', '1m', [0, 1, 3]), tapeAt('B', '3m', [0, 1])],
      instrumentIndexes: [0, 1],
      instrumentCount: 2,
      window: all,
    };
    const feed = new Feed(input);
    const run = () => {
      const seen: string[] = [];
      for (let kind = feed.next(true); kind !== endEvent; kind = feed.next(true)) seen.push(`${kind} ${feed.timeMs} ${feed.row}`);
      return seen;
    };
    const first = run();
    feed.rewind();
    expect(run()).toEqual(first);
    expect(first.length).toBeGreaterThan(6);
  });
});

describe('a window that starts inside a coarser bar', () => {
  test('shows that bar at its close and not before', () => {
    const minutes = tapeAt('A', '1m', [0, 1, 2, 3, 4, 5]);
    const coarse = tapeAt('A', '3m', [0, 1]);
    const window = { fromMs: minuteMs, toMs: 6 * minuteMs };
    const feed = new Feed({ tapes: [minutes, coarse], instrumentIndexes: [0, 0], instrumentCount: 1, window });
    const seen: [number, number][] = [];
    for (let kind = feed.next(false); kind !== endEvent; kind = feed.next(false)) seen.push([feed.timeMs / minuteMs, feed.series[1].index]);
    expect(seen).toEqual([
      [2, -1],
      [3, 0],
      [4, 0],
      [5, 0],
      [6, 1],
    ]);
  });
});

describe('one moment at a time', () => {
  const feedOf = (...tapes: Tape[]) => {
    const symbols = [...new Set(tapes.map((tape) => tape.key.symbol))];
    return new Feed({
      tapes,
      instrumentIndexes: tapes.map((tape) => symbols.indexOf(tape.key.symbol)),
      instrumentCount: symbols.length,
      window: all,
    });
  };

  test('a bar that closes comes before a bar that opens at the same time', () => {
    const feed = feedOf(tapeAt('A', '1m', [0, 1]), tapeAt('B', '1m', [1, 2]));
    const seen: [number, number][] = [];
    for (let kind = feed.next(true); kind !== endEvent; kind = feed.next(true)) seen.push([feed.timeMs / minuteMs, kind]);
    expect(seen).toEqual([
      [0, openEvent],
      [1, barEvent],
      [1, openEvent],
      [2, barEvent],
      [2, openEvent],
      [3, barEvent],
    ]);
  });

  test('a coarse bar shows itself only at its close', () => {
    const feed = feedOf(tapeAt('A', '1m', [0, 1, 2, 3]), tapeAt('A', '3m', [0]));
    const coarse: number[] = [];
    for (let kind = feed.next(false); kind !== endEvent; kind = feed.next(false)) coarse.push(feed.series[1].index);
    expect(coarse).toEqual([-1, -1, 0, 0]);
  });

  test('an open of a longer bar, passed over while nothing rested, is not delivered later; its price is known', () => {
    const feed = feedOf(tapeAt('A', '1m', [0, 1, 2, 3, 4, 5]), tapeAt('B', '3m', [0, 1]));
    expect(feed.next(false)).toBe(barEvent);
    expect(feed.series[1].openedBar).toBe(0);
    const opens: number[] = [];
    for (let kind = feed.next(true); kind !== endEvent; kind = feed.next(true)) {
      if (kind === openEvent) opens.push(feed.timeMs / minuteMs);
    }
    expect(opens).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([false, true])('time never goes back where bars overlap (second series: %s)', (hasOther) => {
    const overlapping = tapeOf(
      [
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [3, 3, 3, 3],
      ],
      { openTimesMs: [0, 30_000, 90_000] },
    );
    const feed = hasOther ? feedOf(overlapping, tapeAt('B', '1m', [10])) : feedOf(overlapping);
    let last = Number.NEGATIVE_INFINITY;
    const opens: number[] = [];
    for (let kind = feed.next(true); kind !== endEvent; kind = feed.next(true)) {
      expect(feed.timeMs).toBeGreaterThanOrEqual(last);
      last = feed.timeMs;
      if (kind === openEvent && feed.batch[0] === feed.series[0]) opens.push(feed.timeMs);
    }
    expect(opens).toEqual([0, 90_000]);
  });

  test('a series outside the window makes no event', () => {
    const input = {
      tapes: [tapeAt('A', '1m', [0, 1]), tapeAt('B', '1m', [50])],
      instrumentIndexes: [0, 1],
      instrumentCount: 2,
      window: { fromMs: 0, toMs: 120_000 },
    };
    const feed = new Feed(input);
    let count = 0;
    for (let kind = feed.next(true); kind !== endEvent; kind = feed.next(true)) {
      count++;
      expect(feed.batch[0]).toBe(feed.series[0]);
    }
    expect([count, feed.rowTimeMs.length]).toEqual([4, 2]);
  });
});

test('a window holds the bars that open and close inside it', () => {
  const tape = tapeAt('A', '1m', [0, 1, 2, 3, 4]);
  const windowOf = (fromMs: number, toMs: number) => {
    const { firstBar, endBar } = new Feed({ tapes: [tape], instrumentIndexes: [0], instrumentCount: 1, window: { fromMs, toMs } })
      .series[0];
    return [firstBar, endBar];
  };
  expect(windowOf(60_000, 180_000)).toEqual([1, 3]);
  expect(windowOf(60_001, 179_999)).toEqual([2, 2]);
  expect(windowOf(0, 300_000)).toEqual([0, 5]);
  expect(windowOf(400_000, 500_000)).toEqual([5, 5]);
});

test('lowerBound is the first place at or after a value', () => {
  const sorted = Float64Array.of(1, 3, 3, 5);
  expect([0, 1, 2, 3, 4, 5, 6].map((value) => lowerBound(sorted, 4, value))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(lowerBound(sorted, 2, 9)).toBe(2);
});

test('bars out of order stop the run with the bar named', () => {
  expect(() =>
    assertOrdered(
      tapeOf(
        [
          [1, 1, 1, 1],
          [1, 1, 1, 1],
        ],
        { openTimesMs: [60_000, 0] },
      ),
    ),
  ).toThrow('test BTC/USDT 1m bar 1 is not after bar 0');
});
