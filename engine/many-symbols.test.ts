import { describe, expect, test } from 'vitest';
import { barColumnNames, type Tape } from './model/bar.ts';
import type { Timeframe } from './model/timeframe.ts';
import { play } from './play.ts';
import { resample } from './resample.ts';
import { defineStrategy, type SetupContext, type StrategyContext, type StrategyDefinition } from './strategy.ts';
import { playScript, scriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const flat = (price: number): BarRow => [price, price, price, price];

/** Whole prices that move in quarters: sums of them round nowhere, in whatever order they are added. */
function priceAt(symbol: number, minute: number): number {
  return 100 + symbol + ((minute * (7 + symbol) + symbol * symbol) % 41) / 4;
}

interface Life {
  readonly firstMinute: number;
  readonly endMinute: number;
  readonly isThere: (minute: number) => boolean;
}

/** Of each five symbols one is listed late, one delisted early, one has gaps of an hour and more; 10 h 10 min in all. */
const runMinutes = 610;
function lifeOf(symbol: number): Life {
  const kind = symbol % 5;
  return {
    firstMinute: kind === 1 ? 200 + symbol : 0,
    endMinute: kind === 2 ? 300 + symbol : runMinutes,
    isThere: (minute) => kind !== 3 || minute % 97 < 30 + (symbol % 7),
  };
}

const nameOf = (symbol: number): string => `S${String(symbol).padStart(2, '0')}`;

function minutesOf(symbol: number): Tape {
  const { firstMinute, endMinute, isThere } = lifeOf(symbol);
  const at = Array.from({ length: endMinute - firstMinute }, (_, i) => firstMinute + i).filter(isThere);
  const rows = at.map((minute): BarRow => {
    const open = priceAt(symbol, minute);
    const close = priceAt(symbol, minute + 1);
    return [open, Math.max(open, close) + 0.25, Math.min(open, close) - 0.25, close, 10];
  });
  return tapeOf(rows, { symbol: nameOf(symbol), openTimesMs: at.map((minute) => minute * minuteMs) });
}

function longer(tape: Tape, to: Timeframe): Tape {
  return {
    ...tape,
    key: { ...tape.key, timeframe: to },
    columns: resample(tape.columns, { from: '1m', to, knownThroughMs: runMinutes * minuteMs }),
  };
}

/** Fifty symbols: minutes alone, minutes with hours, hours alone, or five minutes with quarters of an hour. */
function tapesOf(symbol: number): Tape[] {
  const minutes = minutesOf(symbol);
  if (symbol % 4 === 0) return [minutes];
  if (symbol % 4 === 1) return [longer(minutes, '1h'), minutes];
  return symbol % 4 === 2 ? [longer(minutes, '1h')] : [longer(minutes, '5m'), longer(minutes, '15m')];
}

const symbols = Array.from({ length: 50 }, (_, i) => i);

/** Buys and sells by a fixed pattern of symbol and time, in the order of symbol names, whatever the order of the series. */
function trade({ series, timeMs }: Turn): void {
  const minute = timeMs / minuteMs;
  if (minute % 5 !== 0) return;
  const firsts = series.filter((bars, i) => series.findIndex((one) => one.instrument.symbol === bars.instrument.symbol) === i);
  const sorted = [...firsts].sort((left, right) => (left.instrument.symbol < right.instrument.symbol ? -1 : 1));
  for (const bars of sorted) {
    const symbol = Number(bars.instrument.symbol.slice(1));
    const turn = (minute / 5 + symbol * 3) % 11;
    if (turn === 0) bars.order.market({ side: 1, sizeBase: 1 + (symbol % 3) });
    else if (turn === 4) bars.order.limit({ side: 1, sizeBase: 2, limitPrice: 98 + symbol });
    else if (turn === 7 && !bars.position.isFlat) bars.order.close();
    else if (turn === 9) bars.order.cancelAll();
  }
}

function playFifty(order: readonly number[]) {
  return playScript({
    tapes: order.flatMap(tapesOf),
    instruments: order.map((symbol) => instrumentOf({ symbol: nameOf(symbol), baseCurrency: nameOf(symbol) })),
    settings: { initialCapitalQuote: 6_000 },
    always: trade,
  });
}

describe('fifty symbols of mixed timeframes share one cash', () => {
  const run = playFifty(symbols);
  const nameAt = (instrumentIndex: number): string => run.instruments[instrumentIndex].symbol;

  test('every symbol plays its part, and some orders find the cash spent', () => {
    const filled = new Set(run.fills.map((fill) => fill.instrumentIndex));
    expect(filled.size).toBeGreaterThanOrEqual(45);
    // One that never traded had an order that found the cash spent.
    for (const i of symbols.filter((symbol) => !filled.has(symbol)))
      expect(run.orders.some((order) => order.instrumentIndex === i && /cash is/.test(order.reason))).toBe(true);
    expect(run.fills.length).toBeGreaterThan(300);
    const short = run.orders.filter((order) => order.status === 'rejected' && /cash is/.test(order.reason));
    expect(short.length).toBeGreaterThan(10);
  });

  test('the cash is one: fills add up to it, it is never below zero, and equity is cash and positions at the last known closes', () => {
    const held = new Map<number, number>();
    let cash = 6_000;
    for (const fill of run.fills) {
      cash -= fill.side * fill.notionalQuote + fill.feeQuote;
      held.set(fill.instrumentIndex, (held.get(fill.instrumentIndex) ?? 0) + fill.side * fill.sizeBase);
      expect(cash).toBeGreaterThanOrEqual(0);
      expect(held.get(fill.instrumentIndex)).toBeGreaterThanOrEqual(0);
    }
    let equity = cash;
    for (const [i, size] of held) {
      const tapes = tapesOf(Number(nameAt(i).slice(1)));
      const { close, length } = tapes.reduce((left, right) => (right.columns.length > left.columns.length ? right : left)).columns;
      equity += size * close[length - 1];
    }
    expect(run.equity.equityQuote.at(-1)).toBe(equity);
  });

  test('a fill stands at a bar of its own instrument: nothing fills before a listing, after a delisting or in a gap', () => {
    for (const fill of run.fills) {
      const { firstMinute, endMinute, isThere } = lifeOf(Number(nameAt(fill.instrumentIndex).slice(1)));
      const openMinute = fill.openTimeMs / minuteMs;
      expect(openMinute).toBeGreaterThanOrEqual(Math.floor(firstMinute / 60) * 60);
      expect(openMinute).toBeLessThan(endMinute);
      if (run.series.some(({ key }) => key.symbol === nameAt(fill.instrumentIndex) && key.timeframe === '1m'))
        expect(isThere(openMinute)).toBe(true);
    }
  });

  test('the same orders fill whatever order the series are listed in, where the strategy sends them in one order', () => {
    // Positions in the list name the instruments, and break ties: what is equal is told by symbol.
    const shuffled = symbols.map((i) => (i * 17 + 5) % 50);
    const again = playFifty(shuffled);
    const briefOf = ({ fills, instruments }: typeof run) =>
      fills
        .map(
          ({ timeMs, instrumentIndex, side, priceQuote, sizeBase }) =>
            `${timeMs} ${instruments[instrumentIndex].symbol} ${side} ${priceQuote} ${sizeBase}`,
        )
        .sort();
    expect(again.instruments[0].symbol).toBe('S05');
    expect(briefOf(again)).toEqual(briefOf(run));
    expect([...again.equity.equityQuote]).toEqual([...run.equity.equityQuote]);
    expect(again.certificate.tapeHash).not.toBe(run.certificate.tapeHash);
  });
});

describe('a symbol that does not live as long as the run', () => {
  const always = (length: number, symbol = 'A'): Tape =>
    tapeOf(
      Array.from({ length }, () => flat(100)),
      { symbol },
    );
  const late = (fromMinute: number, prices: readonly number[]): Tape =>
    tapeOf(prices.map(flat), { symbol: 'B', startMs: fromMinute * minuteMs });

  test('listed late: an order before its first close is refused with the reason, none of the others waits for it', () => {
    const { orders, fills } = playScript({
      tapes: [always(6), late(3, [50, 50, 50])],
      at: {
        0: ({ series: [a, b] }) => {
          a.order.market({ side: 1, sizeBase: 1 });
          b.order.market({ side: 1, sizeBase: 1 });
        },
        3: ({ series: [, b] }) => void b.order.market({ side: 1, sizeBase: 1 }),
      },
    });
    expect(orders.map(({ instrumentIndex, status, reason }) => [instrumentIndex, status, reason])).toEqual([
      [0, 'filled', ''],
      [1, 'rejected', 'no price is known yet for B'],
      [1, 'filled', ''],
    ]);
    expect(fills.map(({ instrumentIndex, timeMs }) => [instrumentIndex, timeMs / minuteMs])).toEqual([
      [0, 1],
      [1, 4],
    ]);
  });

  test('listed late: onBar waits for it only where the strategy declares a column on it', () => {
    const firstCall = (declaredOn: readonly number[]): number => {
      let firstMs = Number.NaN;
      const tapes = [always(9), late(4, [50, 50, 50, 50, 50])];
      play({
        ...scriptInput({ tapes }),
        strategy: () =>
          defineStrategy({
            name: 'waits',
            parameters: {},
            setup({ series, indicators }: SetupContext<Record<never, never>>) {
              for (const i of declaredOn) indicators.sma(series[i].close, 2);
              return {
                onBar: ({ timeMs }: StrategyContext) => {
                  if (Number.isNaN(firstMs)) firstMs = timeMs;
                },
              };
            },
          }) as unknown as StrategyDefinition,
      });
      return firstMs / minuteMs;
    };
    expect([firstCall([0]), firstCall([0, 1])]).toEqual([2, 6]);
  });

  test('delisted early: its position stays marked at its last close, its orders rest to the end and expire there', () => {
    const { orders, openPositions, equity, fills } = playScript({
      tapes: [always(6), late(0, [50, 50, 60])],
      at: {
        0: ({ series: [, b] }) => void b.order.market({ side: 1, sizeBase: 10, stopLoss: 40 }),
        3: ({ series: [, b] }) => {
          b.order.close();
          b.order.limit({ side: 1, sizeBase: 1, limitPrice: 45 });
        },
      },
    });
    expect(fills.length).toBe(1);
    expect([...equity.equityQuote]).toEqual([10_000, 10_000, 10_100, 10_100, 10_100, 10_100]);
    expect(openPositions).toMatchObject([{ instrumentIndex: 1, sizeBase: 10 }]);
    expect(orders.slice(1).map(({ status, endedMs }) => [status, endedMs / minuteMs])).toEqual([
      ['expired', 6],
      ['expired', 6],
      ['expired', 6],
    ]);
  });

  test('with a gap: orders wait for its next bar, and its last close stands meanwhile', () => {
    const gappy = tapeOf([flat(50), flat(50), flat(70)], { symbol: 'B', openTimesMs: [0, minuteMs, 5 * minuteMs] });
    const { fills, equity } = playScript({
      tapes: [always(7), gappy],
      at: {
        0: ({ series: [, b] }) => void b.order.market({ side: 1, sizeBase: 10 }),
        2: ({ series: [, b] }) => void b.order.close(),
      },
    });
    expect(fills.map(({ timeMs, priceQuote }) => [timeMs / minuteMs, priceQuote])).toEqual([
      [1, 50],
      [5, 70],
    ]);
    expect([...equity.equityQuote]).toEqual([10_000, 10_000, 10_000, 10_000, 10_000, 10_200, 10_200]);
  });

  test('columns of hours made of fifty symbols hold whole hours of their symbol only', () => {
    for (const symbol of symbols) {
      const { firstMinute, endMinute } = lifeOf(symbol);
      const { columns } = longer(minutesOf(symbol), '1h');
      expect(columns.length).toBeGreaterThan(3);
      for (const name of barColumnNames) expect(columns[name].every(Number.isFinite)).toBe(true);
      expect(columns.openTimeMs[0]).toBe(Math.ceil(firstMinute / 60) * hourMs);
      expect(columns.closeTimeMs[columns.length - 1]).toBe(Math.min(Math.ceil(endMinute / 60), Math.floor(runMinutes / 60)) * hourMs);
    }
  });
});
