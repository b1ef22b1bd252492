import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BarColumns } from '../engine/model/bar.ts';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { createRandom } from '../engine/random.ts';
import {
  assertQuality,
  checkQuality,
  findingText,
  type QualityIssue,
  type QualityKind,
  type QualityPolicy,
  type QualityReport,
  qualityKinds,
  resolvePolicy,
} from './quality.ts';
import { barName, QualityScan } from './quality-scan.ts';
import { synthesise } from './synthesise.ts';
import { columnsOf, key, plainRows } from './testing/scratch.ts';

test('a finding is told in the singular where there is one', () => {
  expect(findingText('gap', 1)).toBe('1 gap');
  expect(findingText('highBelowLow', 1)).toBe('1 bar with a high below the low');
  expect(findingText('irregularCalendar', 1)).toBe('1 break like nights, weekends and holidays');
  expect(findingText('gap', 1_200)).toBe('1,200 gaps');
  for (const kind of Object.keys(qualityKinds) as QualityKind[]) expect(findingText(kind, 1)).toMatch(/^1 (bar|gap|break)\b/);
});

const rows = plainRows(30);
const minute = 60_000;
const check = (list: readonly (readonly number[])[], timeframe: Timeframe = '1m', tickSize = 0.25): QualityReport =>
  checkQuality(columnsOf(list, timeframe), { key: key('BTC/USDT', timeframe), instrument: { tickSize } });
const only = (report: QualityReport): QualityIssue => {
  expect(report.issues).toHaveLength(1);
  return report.issues[0];
};
/** Plain rows with one field of one bar changed: 0 time, 1 open, 2 high, 3 low, 4 close, 5 volume. */
const changed = (bar: number, field: number, value: number): number[][] =>
  rows.map((row, i) => (i === bar ? row.map((old, k) => (k === field ? value : old)) : row));

describe('each kind of finding', () => {
  test('clean bars give none', () => {
    expect(check(rows)).toEqual({
      rowCount: 30,
      firstOpenMs: rows[0][0],
      lastOpenMs: rows[29][0],
      isSessionMarket: false,
      gapCount: 0,
      missingBarCount: 0,
      gaps: [],
      calendarBreakCount: 0,
      calendarMissingBarCount: 0,
      staleOpenCount: 0,
      issues: [],
    });
  });

  const cases: readonly (readonly [QualityKind, 'reject' | 'flag', number[][], number, string])[] = [
    ['nonFinite', 'reject', changed(4, 3, Number.NaN), 4, 'bar 5 (2024-01-01T00:04Z): low NaN is no finite number'],
    ['nonFinite', 'reject', changed(4, 2, Number.POSITIVE_INFINITY), 4, 'bar 5 (2024-01-01T00:04Z): high Infinity is no finite number'],
    ['nonFinite', 'reject', changed(4, 5, Number.POSITIVE_INFINITY), 4, 'volume Infinity'],
    ['negative', 'reject', changed(5, 5, -1), 5, 'bar 6 (2024-01-01T00:05Z): volume -1 is negative'],
    ['negative', 'reject', changed(5, 3, -1.25), 5, 'low -1.25 is negative'],
    ['zero', 'reject', changed(6, 3, 0), 6, 'bar 7 (2024-01-01T00:06Z): low is zero'],
    ['highBelowLow', 'reject', changed(7, 2, 100), 7, 'bar 8 (2024-01-01T00:07Z): high 100 is below low 106.25'],
    ['outsideRange', 'flag', changed(8, 1, 110), 8, 'bar 9 (2024-01-01T00:08Z): open 110 lies outside [107.25, 109.5]'],
    ['outsideRange', 'flag', changed(8, 4, 107), 8, 'close 107 lies outside [107.25, 109.5]'],
    ['offTick', 'flag', changed(9, 4, 109.8), 9, 'bar 10 (2024-01-01T00:09Z): close 109.8 is no multiple of 0.25'],
    ['gap', 'flag', rows.filter((_, i) => i < 10 || i > 14), 9, '5 missing from 2024-01-01T00:10Z to 2024-01-01T00:15Z'],
    ['duplicate', 'reject', [...rows.slice(0, 11), rows[10], ...rows.slice(11)], 11, 'bar 11 and bar 12 both open at 2024-01-01T00:10Z'],
  ];
  test.each(cases)('%s is found (%s)', (kind, policy, list, bar, text) => {
    const issue = only(check(list));
    expect(issue).toMatchObject({ kind, policy, count: 1, first: { bar } });
    expect(issue.first.text).toContain(text);
  });

  test('disorder is found, and the gaps around it', () => {
    const swapped = [...rows.slice(0, 12), rows[13], rows[12], ...rows.slice(14)];
    const report = check(swapped);
    expect(report.issues.map((issue) => issue.kind)).toEqual(['disorder', 'gap']);
    expect(report.issues[0].first).toMatchObject({
      bar: 13,
      text: 'bar 14 opens at 2024-01-01T00:12Z, before bar 13 at 2024-01-01T00:13Z',
    });
    expect(report.gapCount).toBe(2);
  });

  test('bars that overlap and leave the grid are found', () => {
    const report = check(changed(13, 0, rows[13][0] - 30_000));
    expect(report.issues.map((issue) => [issue.kind, issue.policy, issue.count])).toEqual([
      ['overlap', 'reject', 1],
      ['offTimeGrid', 'flag', 1],
      ['gap', 'flag', 1],
    ]);
    expect(report.issues[0].first.text).toBe('bar 14 opens at 2024-01-01T00:12:30Z, before bar 13 closes at 2024-01-01T00:13Z');
  });

  test('each further finding of a kind is counted, the first is told', () => {
    const issue = only(check(rows.map((row, i) => (i % 3 === 2 ? [row[0], row[1], row[2], 0, row[4], row[5]] : row))));
    expect(issue).toMatchObject({ kind: 'zero', count: 10, first: { bar: 2 } });
  });

  test('a report is plain data', () => {
    const report = check(changed(8, 1, 110));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('against a slow second scan', () => {
  /** Kinds of findings about time, each pair of bars looked at on its own. */
  const slowCounts = (list: readonly (readonly number[])[]): Record<string, number> => {
    const counts: Record<string, number> = { disorder: 0, duplicate: 0, overlap: 0, gap: 0, offTimeGrid: 0, offTick: 0, stale: 0 };
    let smallestStepMs = Number.POSITIVE_INFINITY;
    list.forEach(([ms, open], i) => {
      if (ms % minute !== 0) counts.offTimeGrid++;
      if (list[i].slice(1, 5).some((price) => Math.abs(price / 0.25 - Math.round(price / 0.25)) > 1e-9)) counts.offTick++;
      if (i === 0) return;
      const step = ms - list[i - 1][0];
      if (step < 0) counts.disorder++;
      else if (step === 0) counts.duplicate++;
      else if (step < minute) counts.overlap++;
      else if (step > minute) counts.gap++;
      if (step > 0) smallestStepMs = Math.min(smallestStepMs, step);
      if (open === list[i - 1][4]) counts.stale++;
    });
    return { ...counts, smallestStepMs };
  };

  test('finds the same in minutes shifted, left out, repeated, swapped and off the tick, whole or in pieces', () => {
    const edit = fc.record({
      kind: fc.constantFrom('shift', 'shift rest', 'remove', 'repeat', 'swap', 'tick', 'stale'),
      at: fc.integer({ min: 1, max: 119 }),
    });
    // Around midnight, so that a day begins on the way.
    const clean = plainRows(120, Date.UTC(2023, 11, 31, 23));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), fc.integer({ min: 1, max: 120 }), (edits, pieceLength) => {
        let list = clean;
        for (const { kind, at } of edits) list = changedBy(list, kind, at % list.length);
        const columns = columnsOf(list);
        const scan = new QualityScan({ key: key(), tickSize: 0.25, nameOf: barName });
        for (let from = 0; from < list.length; from += pieceLength) {
          const part = columnsOf(list.slice(from, from + pieceLength));
          scan.add(part, part.length);
        }
        const report = scan.report(resolvePolicy());
        expect(report).toEqual(checkQuality(columns, { key: key(), instrument: { tickSize: 0.25 } }));
        const count = (kind: QualityKind): number => report.issues.find((issue) => issue.kind === kind)?.count ?? 0;
        const kinds = ['disorder', 'duplicate', 'overlap', 'gap', 'offTimeGrid', 'offTick'] as const;
        expect({
          ...Object.fromEntries(kinds.map((kind) => [kind, count(kind)])),
          stale: report.staleOpenCount,
          smallestStepMs: scan.smallestStepMs,
        }).toEqual(slowCounts(list));
      }),
      { numRuns: 400, seed: 20_260_102 },
    );
  });

  function changedBy(list: number[][], kind: string, at: number): number[][] {
    const copy = list.map((row) => [...row]);
    if (kind === 'remove') copy.splice(at, 1);
    else if (kind === 'repeat') copy.splice(at, 0, [...copy[at]]);
    else if (kind === 'swap' && at > 0) [copy[at - 1], copy[at]] = [copy[at], copy[at - 1]];
    else if (kind === 'tick') copy[at][1 + (at % 4)] += 0.0625;
    else if (kind === 'stale' && at > 0) copy[at][1] = copy[at - 1][4];
    else if (kind === 'shift') copy[at][0] += 30_000;
    else if (kind === 'shift rest') for (const row of copy.slice(at)) row[0] += 30_000;
    return copy;
  }
});

describe('stale opens', () => {
  const stale = (share: number, year = 2024, timeframe: Timeframe = '1d'): number[][] =>
    plainRows(100, Date.UTC(year, 0, 1), timeframe).map(([ms, , , , close, volume], i) => [
      ms,
      i % 100 < share ? close - 1 : close,
      close + 2,
      close - 2,
      close,
      volume,
    ]);

  test('are flagged when more than half of a year repeat the close before', () => {
    const issue = only(check(stale(61), '1d'));
    expect(issue).toMatchObject({
      kind: 'staleOpen',
      policy: 'flag',
      count: 60,
      first: { bar: 0, text: 'in 2024 60 of 100 opens repeat the close before' },
    });
  });
  test('are counted, not flagged, when half or fewer do', () => {
    const report = check(stale(51), '1d');
    expect(report.issues).toEqual([]);
    expect(report.staleOpenCount).toBe(50);
  });
  test('name the years, so that later good ones do not hide them', () => {
    const list = [...stale(90, 2004), ...stale(80, 2005), ...stale(0, 2006), ...stale(0, 2007), ...stale(0, 2008)];
    const issue = check(list, '1d').issues.find(({ kind }) => kind === 'staleOpen');
    expect(issue?.first.text).toBe('in 2 years from 2004 to 2005 168 of 200 opens repeat the close before');
  });
  test('of minutes without pauses are counted, not flagged: the next one opens where the last one closed', () => {
    const report = check(stale(100, 2024, '1m'));
    expect([report.issues, report.staleOpenCount]).toEqual([[], 99]);
  });
  test('of hours with nights and weekends are flagged', () => {
    const hours = stale(100, 2024, '1h').map((row, i) => [
      Date.UTC(2024, 0, 1 + Math.floor(i / 8) + 2 * Math.floor(i / 40), 9 + (i % 8)),
      ...row.slice(1),
    ]);
    expect(check(hours, '1h').issues.map((issue) => issue.kind)).toEqual(['irregularCalendar', 'staleOpen']);
  });
});

describe('calendars', () => {
  const day = 86_400_000;
  const monday = Date.UTC(2024, 0, 1);
  const daily = (days: readonly number[]): number[][] => days.map((at) => [monday + at * day, 10, 11, 9, 10.5, 1]);
  const weekdays = Array.from({ length: 60 }, (_, i) => i).filter((at) => at % 7 < 5);

  test('weekends of a market without Saturdays are its calendar', () => {
    const report = check(daily(weekdays), '1d');
    expect(report).toMatchObject({
      isSessionMarket: true,
      gapCount: 0,
      missingBarCount: 0,
      calendarBreakCount: 8,
      calendarMissingBarCount: 16,
    });
    expect(only(report)).toMatchObject({ kind: 'irregularCalendar', policy: 'flag', count: 8 });
  });
  test('so are holidays of at most four weekdays; more is a gap', () => {
    expect(check(daily(weekdays.filter((at) => at < 14 || at > 17)), '1d')).toMatchObject({ gapCount: 0, calendarBreakCount: 8 });
    expect(check(daily(weekdays.filter((at) => at < 14 || at > 18)), '1d')).toMatchObject({
      gapCount: 1,
      missingBarCount: 9,
      calendarBreakCount: 6,
    });
  });
  test('a market with one Saturday has no calendar', () => {
    const report = check(daily([...weekdays, 61]), '1d');
    expect(report).toMatchObject({ isSessionMarket: false, calendarBreakCount: 0 });
    expect(report.gapCount).toBeGreaterThan(7);
  });
  test('a market whose minutes never pause keeps no sessions, nor does one that pauses for an hour every night', () => {
    // From a Monday: the one Saturday begins in the midst of regular bars.
    const columns = synthesise({
      seed: 3,
      symbol: 'SYN/USD',
      bars: 12 * 1_440,
      startMs: Date.UTC(2024, 0, 1),
      startPrice: 1_000,
      tick: 0.01,
    });
    expect(checkQuality(columns, { key: key('SYN/USD', '1m') })).toMatchObject({ isSessionMarket: false, gapCount: 0 });
    const holed = plainRows(12 * 1_440).filter(([ms]) => new Date(ms).getUTCHours() !== 3);
    expect(check(holed)).toMatchObject({ isSessionMarket: false, gapCount: 12, missingBarCount: 720 });
  });

  test('nights of minute sessions are a calendar, a lost quarter of an hour is not', () => {
    const list: number[][] = [];
    for (const at of weekdays.slice(0, 10)) {
      for (let i = 0; i < 390; i++)
        if (at !== 3 || i < 100 || i >= 115) list.push([monday + at * day + 14.5 * 3_600_000 + i * minute, 10, 11, 9, 10.5, 1]);
    }
    const report = check(list);
    expect(report).toMatchObject({ isSessionMarket: true, gapCount: 1, missingBarCount: 15, calendarBreakCount: 9 });
    expect(report.gaps[0]).toMatchObject({ afterBar: 3 * 390 + 99, missingBarCount: 15 });
  });
  test('missing months are counted in months', () => {
    const months = [0, 1, 2, 5, 6].map((month) => [Date.UTC(2024, month, 1), 10, 11, 9, 10.5, 1]);
    expect(check(months, '1M')).toMatchObject({ gapCount: 1, missingBarCount: 2 });
  });
  test('only the first ten gaps are listed', () => {
    const report = check(plainRows(60).filter((_, i) => i % 3 !== 1));
    expect(report.gapCount).toBe(20 - 1 + 1);
    expect(report.gaps).toHaveLength(10);
  });
});

describe('policies', () => {
  const high = columnsOf(changed(7, 2, 100));
  const gappy = columnsOf(rows.filter((_, i) => i !== 5));
  const withPolicy = (columns: BarColumns, policy: Partial<QualityPolicy>): QualityReport => checkQuality(columns, { key: key(), policy });

  test('reject stops with the first place, flag does not', () => {
    expect(() => assertQuality(withPolicy(high, {}), key())).toThrow(
      'test BTC/USDT 1m: highBelowLow: bar 8 (2024-01-01T00:07Z): high 100 is below low 106.25',
    );
    expect(() => assertQuality(withPolicy(high, { highBelowLow: 'flag' }), key())).not.toThrow();
    expect(() => assertQuality(withPolicy(gappy, {}), key())).not.toThrow();
    expect(() => assertQuality(withPolicy(gappy, { gap: 'reject' }), key())).toThrow('gap: 1 missing');
  });
  test('fill-flat is for gaps alone', () => {
    expect(only(withPolicy(gappy, { gap: 'fill-flat' })).policy).toBe('fill-flat');
    expect(() => withPolicy(gappy, { zero: 'fill-flat' })).toThrow(
      'quality policy "fill-flat" is for gaps only; for zero use reject or flag',
    );
  });
});

test('agrees with a naive second count on random defects', () => {
  const random = createRandom(99);
  for (let round = 0; round < 200; round++) {
    const list = plainRows(60).filter(() => random() > 0.1);
    for (const row of list) if (random() < 0.15) row[1 + Math.floor(random() * 4)] = [0, -1, 50, 1e6, Number.NaN][Math.floor(random() * 5)];
    const naive: Partial<Record<QualityKind, number>> = {};
    const count = (kind: QualityKind, is: boolean): void => {
      if (is) naive[kind] = (naive[kind] ?? 0) + 1;
    };
    list.forEach(([ms, ...values], i) => {
      const [open, highest, lowest, close] = values;
      const isWhole = values.every(Number.isFinite);
      count('nonFinite', !isWhole);
      count('negative', isWhole && values.some((value) => value < 0));
      count('zero', isWhole && values.slice(0, 4).includes(0));
      count('highBelowLow', isWhole && highest < lowest);
      count('outsideRange', isWhole && highest >= lowest && [open, close].some((price) => price < lowest || price > highest));
      count('gap', i > 0 && ms > list[i - 1][0] + minute);
    });
    const found = Object.fromEntries(checkQuality(columnsOf(list), { key: key() }).issues.map((issue) => [issue.kind, issue.count]));
    expect(found).toEqual(naive);
  }
});

test('looks at a year of minutes in a small part of a second', () => {
  const columns = synthesise({ seed: 1, symbol: 'A', bars: 525_600, startMs: 0, startPrice: 30_000, tick: 0.01 });
  const options = { key: key(), instrument: { tickSize: 0.01 } };
  checkQuality(columns, options);
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    checkQuality(columns, options);
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(250);
});
