/** As found-by-programs.test.ts: what programs found with margin and hedge accounts, finer bars, fees in kind, and fills at the close that decided. */
import { describe, expect, test } from 'vitest';
import type { AccountSettings } from '../../settings.ts';
import { playScript, type Script, type Turn } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';
import { buy, flat, level, minuteMs, play, prices, type Rules, sell } from './found-by-programs.test.helper.ts';

const late = (ms: number): Rules => ({
  latency: { order: { kind: 'fixed', ms }, cancel: { kind: 'fixed', ms }, data: { kind: 'fixed', ms: 0 } },
});
const ends = ({ orders }: ReturnType<typeof play>) => orders.map(({ role, status, reason }) => [role, status, reason.split(':')[0]]);

describe('2.8 fills at the close that decided', () => {
  const atClose: Rules = { semantics: { marketFill: 'close' } };

  test('an order that arrives late, also with a close, fills at the next open', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.market(buy) };
    expect(prices(play([flat, level(101), level(102)], script, { ...atClose, ...late(minuteMs) }))).toBe('102@2');
  });

  test.each([
    ['IOC', 'cancelled', 2],
    ['FOK', 'cancelled', 0],
  ] as const)('%s takes part in that close alone', (timeInForce, status, filled) => {
    const script: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, sizeBase: 3, timeInForce }) };
    const [order] = play([[100, 100, 100, 100, 2]], script, { ...atClose, liquidity: { volumeShare: 1, queue: null } }).orders;
    expect([order.status, order.filledBase]).toEqual([status, filled]);
  });
});

describe('10.1 orders that protect and wait for volume', () => {
  const at = (price: number, volume: number): BarRow => [price, price, price, price, volume];
  const share: Rules = { liquidity: { volumeShare: 1, queue: null } };

  test('leave nothing to close, and nothing beyond flat', () => {
    const ids: number[] = [];
    const script: Script['at'] = {
      0: ({ order }) => void order.market({ ...buy, sizeBase: 2, stopLoss: 98 }),
      1: ({ order }) => order.protect({ stopLoss: 98 }),
      2: ({ order }) => void ids.push(order.close()),
    };
    play([at(100, 9), at(100, 0), at(97, 0), at(97, 9)], script, share);
    expect(ids).toEqual([-1]);
  });
});

describe('4.1 fees in kind', () => {
  test('what is attached closes what its entry received, not what it bought', () => {
    const instrument = { feeRateTaker: 0.1, lotSize: 1, baseDecimals: 0 };
    const { fills, openPositions } = play(
      [flat, flat, flat, level(95)],
      {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 20 }),
        1: ({ order }) => void order.market({ ...buy, sizeBase: 10, stopLoss: 98 }),
      },
      { instrument, account: { kind: 'spot', leverage: 1 }, costs: { feeCurrency: 'base' } },
    );
    expect(fills.map(({ role, sizeBase }) => [role, sizeBase])).toEqual([
      ['own', 20],
      ['own', 10],
      ['stopLoss', 9],
    ]);
    expect(openPositions[0].sizeBase).toBe(18);
  });
});

describe('7.3 a target with steps', () => {
  test('that lie on one tick keeps its place in the queue', () => {
    const steps = [
      { afterMs: 0, fraction: 0.04 },
      { afterMs: minuteMs, fraction: 0.03 },
    ];
    const at = (high: number, volume: number): BarRow => [100, high, 100, 100, volume];
    // Nine lie ahead as it is made; what the two bars behind it trade is eleven, at whose second open the step moves.
    const rows: BarRow[] = [at(100, 9), at(101, 2), at(105, 5), at(105, 6)];
    const script: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, takeProfit: steps }) };
    const result = play(rows, script, { instrument: { tickSize: 5 }, liquidity: { volumeShare: null, queue: 1 } });
    expect(prices(result)).toBe('100@1, takeProfit 105@4');
  });
});

describe('12.9 a leg whose position other orders on their way close, and more', () => {
  test('lets nothing else be closed', () => {
    const hedge: Rules = { account: { kind: 'frictionless', leverage: 10, positions: 'hedge' }, ...late(3 * minuteMs) };
    const long = { leg: 'long' } as const;
    const script: Script['at'] = {
      0: ({ order }) => void order.market({ ...buy, ...long, stopLoss: 98 }),
      2: ({ order }) => void order.market({ ...sell, ...long }),
      4: ({ order }) => void order.stop({ ...sell, ...long, stopPrice: 90 }),
    };
    // Bought at minute 4 and stopped out inside it; the sale arrives at 6.
    const result = play([flat, flat, flat, flat, [100, 100, 97, 97], level(97), level(97)], script, hedge);
    expect(ends(result)[3]).toEqual(['own', 'rejected', 'closes 1 of the long leg, which holds 0']);
  });
});

describe('5.5 a walked bar on a hedge account', () => {
  const hedge: Rules = { account: { kind: 'frictionless', leverage: 10, positions: 'hedge' }, ambiguity: 'path' };

  test('is walked once for both legs: what a fill made does not see the way before it', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, takeProfit: 99, leg: 'long' }) };
    expect(prices(play([flat, [100, 110, 95, 110]], script, hedge))).toBe('98@2, takeProfit 99@2');
  });

  test('moves the trailing stops of both legs', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.trailingStop({ ...sell, trail: { distance: 2 }, leg: 'short' }) };
    // Up to 104 first, then down.
    expect(prices(play([flat, [100, 104, 95, 96]], script, hedge))).toBe('102@2');
  });
});

describe('5.6 finer bars', () => {
  const hours = tapeOf([flat, [100, 104, 96, 100], level(105)], { timeframe: '1h' });
  const quarterRows: BarRow[] = [
    [100, 104, 99, 99],
    [99, 99, 96, 97],
    [97, 102, 97, 102],
    [102, 102, 100, 100],
  ];
  const quartersFrom = (startMs: number) => tapeOf(quarterRows, { timeframe: '15m', startMs });
  const refined = (script: Pick<Script, 'at' | 'onFill'>, rules: Rules = {}) =>
    prices(
      playScript({
        tapes: [hours],
        finer: [quartersFrom(60 * minuteMs)],
        settings: { account: { kind: 'frictionless', leverage: 10 }, ambiguity: 'refine', ...rules },
        ...script,
      }),
    );
  /** Its stop is reached as the price falls, its target as it rises. */
  const bracket = { ...buy, stopLoss: 97.5, takeProfit: 103 } as const;

  test('4.5 what waited for a fill is sent as of the close of the bar they replace', () => {
    const at: Script['at'] = {
      0({ order }) {
        order.market(bracket);
        order.limit({ ...buy, limitPrice: 101, after: order.limit({ ...buy, limitPrice: 98 }) });
      },
    };
    expect(refined({ at })).toBe('100@60, takeProfit 103@120, 98@120');
  });

  test('1.2 a market order sent at the open before them takes the next open of the tape, and IOC as well', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.market(bracket) };
    const onFill = (turn: Turn, isFirst: boolean): void => {
      if (!isFirst) return;
      turn.order.market(buy);
      turn.order.limit({ ...buy, limitPrice: 110, timeInForce: 'IOC' });
    };
    expect(refined({ at, onFill: ({ orderId }, turn) => onFill(turn, orderId === 0) })).toBe(
      '100@60, takeProfit 103@120, 105@120, 105@120',
    );
  });

  test('2.8 what protects, made and reached in the last of them without volume, takes the next open, not the close', () => {
    const { fills } = playScript({
      tapes: [tapeOf([flat, [100, 104, 96, 100, 9], level(105)], { timeframe: '1h' })],
      finer: [
        tapeOf(
          [
            [100, 104, 99, 99],
            [99, 99, 99, 99],
            [99, 99, 99, 99],
            [99, 100, 96, 100],
          ],
          { timeframe: '15m', startMs: 60 * minuteMs },
        ),
      ],
      settings: { ambiguity: 'refine', semantics: { marketFill: 'close' }, liquidity: { volumeShare: 1, queue: null } },
      at: { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, stopLoss: 97, takeProfit: 103 }) },
    });
    expect(fills.map(({ role, priceQuote }) => [role, priceQuote])).toEqual([
      ['own', 98],
      ['stopLoss', 105],
    ]);
  });

  test('1.3 what arrives inside the bar waits for the next open of the tape', () => {
    const rows = [flat, flat, flat, flat, [100, 104, 96, 100], level(105)] as BarRow[];
    const { fills } = playScript({
      tapes: [tapeOf(rows, { timeframe: '1h' })],
      finer: [quartersFrom(240 * minuteMs)],
      settings: { account: { kind: 'frictionless', leverage: 10 }, ambiguity: 'refine', ...late(75 * minuteMs) },
      // Bought at hour 3; the limit arrives a quarter into hour 4.
      at: { 0: ({ order }) => void order.market(bracket), 2: ({ order }) => void order.limit({ ...buy, limitPrice: 98 }) },
    });
    expect(fills.map(({ priceQuote, openTimeMs }) => `${priceQuote}@${openTimeMs / minuteMs}`)).toEqual(['100@180', '103@240']);
  });
});

describe('margin accounts', () => {
  const margins = [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }] as const;
  const account = (more: Partial<AccountSettings> = {}): Partial<AccountSettings> => ({ kind: 'margin', margins, ...more });
  const rules = (capital: number, more: Rules = {}): Rules => ({ initialCapitalQuote: capital, account: account(), ...more });
  const buyThree: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, sizeBase: 3 }) };
  const atFirst = (act: (turn: Turn) => void): Script['at'] => ({ ...buyThree, 1: act });

  test('10.7 at a fill the fee is that of the fill: a maker pays the maker’s', () => {
    const script: Script['at'] = {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => void order.limit({ ...buy, sizeBase: 2, limitPrice: 98 }),
    };
    // At 98 equity is 149 and the margin 147; a taker's fee of 3.92 would leave too little.
    const { orders } = play([flat, flat, [99, 99, 97, 98]], script, rules(153, { instrument: { feeRateMaker: 0, feeRateTaker: 0.02 } }));
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'filled']);
  });

  test('12.5 what a margin call sends and cancels is not late', () => {
    const script = atFirst(({ order }) => void order.limit({ ...sell, sizeBase: 4, limitPrice: 140 }));
    const result = play([flat, flat, flat, level(44), level(43), level(42)], script, rules(200, late(1)));
    expect(prices(result)).toBe('100@2, liquidation 43@4');
    expect(ends(result)[1]).toEqual(['own', 'cancelled', 'by the margin call']);
    expect(result.orders[1].endedMs).toBe(4 * minuteMs);
  });

  test('12.5 an exit of which a part has filled is not cancelled for the size it had', () => {
    const rows: BarRow[] = [
      [100, 100, 100, 100, 9],
      [100, 110, 100, 100, 2],
      [12, 12, 12, 12, 9],
    ];
    const script: Script['at'] = {
      0({ order }) {
        order.market({ ...buy, sizeBase: 5 });
        order.limit({ ...sell, sizeBase: 5, limitPrice: 105 });
      },
    };
    const result = play(rows, script, rules(260, { liquidity: { volumeShare: 1, queue: null } }));
    // Two fill; a call on the other three, which the rest of the order would close.
    expect(ends(result)).toEqual([
      ['own', 'filled', ''],
      ['own', 'expired', 'the tape ended'],
      ['liquidation', 'expired', 'the tape ended'],
    ]);
  });

  test('12.5 what is held is left to be judged when it is sent', () => {
    const script = atFirst(({ order }) => void order.limit({ ...sell, limitPrice: 140, after: order.limit({ ...sell, limitPrice: 130 }) }));
    const result = play([flat, flat, level(44), level(43)], script, rules(200));
    expect(ends(result)[2]).toEqual(['own', 'expired', 'the tape ended']);
  });

  test('12.5 while it stands nothing is increased by a fill either: an exit whose position has gone', () => {
    const script = atFirst(({ order }) => void order.limit({ ...sell, sizeBase: 3, limitPrice: 44.5 }));
    // Closed at that open, the exit would open a short inside its bar.
    const result = play([flat, flat, level(44), [30, 50, 30, 30]], script, rules(200));
    expect(prices(result)).toBe('100@1, liquidation 30@3');
    expect(ends(result)[1]).toEqual(['own', 'rejected', 'a margin call stands']);
  });

  test('12.5 the fee of closing counts whatever its model: two are closed where a fixed fee of the first leaves too little', () => {
    const tapes = ['A', 'B'].map((symbol) => tapeOf([flat, flat, level(symbol === 'A' ? 40 : 99), flat], { symbol }));
    const at: Script['at'] = { 0: ({ series }) => series.forEach(({ order }) => void order.market(buy)) };
    const closed = (feeFixedQuote: number) =>
      playScript({
        tapes,
        at,
        settings: {
          initialCapitalQuote: 100 + 2 * feeFixedQuote,
          account: account({ margins: [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.35 }] }),
          costs: { feeFixedQuote },
        },
      }).orders.filter(({ role }) => role === 'liquidation').length;
    expect([closed(0), closed(6)]).toEqual([1, 2]);
  });

  test('12.5 equity that is the margin but for the last bits of a double is no margin call', () => {
    const at: Script['at'] = { 0: ({ order }) => void order.market({ ...sell, sizeBase: 0.3 }) };
    for (let ticks = 1; ticks < 200; ticks++) {
      const price = Math.round(1000 + ticks) / 1000;
      // Equity is 0.3 × 2 − 0.3 × price, the margin a fraction of 0.3 × price: equal where capital makes it so.
      const capital = Math.round((0.3 * price * 1.25 - 0.3) * 1e8) / 1e8;
      const { accountEvents } = play(
        [level(1), level(1), level(price)],
        at,
        rules(capital, {
          account: account({ margins: [{ symbol: null, per: 'notional', initial: 0, maintenance: 0.25 }] }),
          instrument: { tickSize: 0.001 },
        }),
      );
      expect(accountEvents).toEqual([]);
    }
  });

  test('10.9 what orders on their way leave is sent in parts, and nothing beyond it', () => {
    const three: Script['at'] = { 0: ({ order }) => [1, 2, 3].forEach(() => void order.market(buy)) };
    const script = { ...three, 1: ({ order }: Turn) => void order.market(sell) };
    const rows: BarRow[] = [
      [100, 100, 100, 100, 9],
      [100, 100, 100, 100, 0],
      [44, 44, 44, 44, 0],
    ];
    const share = { liquidity: { volumeShare: 1, queue: null }, instrument: { maximumQuantityBase: 1 } };
    const sent = ends(play(rows, script, rules(200, share))).filter(([role]) => role === 'liquidation');
    expect(sent).toEqual([1, 2].map(() => ['liquidation', 'expired', 'the tape ended']));
  });

  test('12.5 what orders on their way close, and more, is not sent again', () => {
    const script = atFirst(({ order }) => {
      order.market({ ...sell, sizeBase: 3 });
      order.market({ ...sell, sizeBase: 3 });
    });
    const rows: BarRow[] = [
      [100, 100, 100, 100, 9],
      [100, 100, 100, 100, 0],
      [44, 44, 44, 44, 0],
    ];
    const result = play(rows, script, rules(200, { liquidity: { volumeShare: 1, queue: null } }));
    expect(result.orders.filter(({ role }) => role === 'liquidation')).toEqual([]);
  });
});
