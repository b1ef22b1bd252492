import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlation } from '../metrics/covariance.ts';
import type { BookCaps } from '../risk-settings.ts';
import { playScript } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

const dayMs = 86_400_000;
const symbols = ['A', 'B', 'C'];
const flat = (price: number): BarRow => [price, price, price, price];

describe('any orders under any caps', () => {
  interface Sent {
    readonly bar: number;
    readonly k: number;
    readonly side: 1 | -1;
    readonly size: number;
    readonly isLimit: boolean;
  }
  interface Call {
    readonly positions: readonly number[];
    readonly equityQuote: number;
    readonly sent: { readonly id: number; readonly one: Sent; readonly price: number }[];
  }
  const prices = fc.array(fc.array(fc.integer({ min: 40, max: 250 }), { minLength: 3, maxLength: 3 }), { minLength: 5, maxLength: 12 });
  const anySent: fc.Arbitrary<Sent> = fc.record({
    bar: fc.nat(11),
    k: fc.nat(2),
    side: fc.constantFrom(1, -1),
    size: fc.integer({ min: 1, max: 80 }),
    isLimit: fc.boolean(),
  });
  const anyCaps = fc.record({
    grossFractionMax: fc.constantFrom(0.3, 1, 1.5, Number.POSITIVE_INFINITY),
    netFractionMax: fc.constantFrom(0.3, 0.7, Number.POSITIVE_INFINITY),
    positionCountMax: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    correlation: fc.constantFrom(null, { days: 2, above: 0.3, exposureFractionMax: 0.8 }, { days: 4, above: 0, exposureFractionMax: 0.5 }),
    valueAtRisk: fc.constant(null),
  });

  /** Plays the orders and keeps what was known at each call. */
  function record(rows: readonly (readonly number[])[], orders: readonly Sent[], caps: BookCaps) {
    const calls: Call[] = [];
    const tapes = symbols.map((symbol, k) =>
      tapeOf(
        rows.map((row) => flat(row[k])),
        { symbol, timeframe: '1d' },
      ),
    );
    const result = playScript({
      tapes,
      settings: { account: { kind: 'frictionless', leverage: 1000 }, initialCapitalQuote: 20_000, risk: { caps } },
      always: ({ call, account, series }) => {
        const sent: Call['sent'] = [];
        calls.push({ positions: series.map(({ position }) => position.sizeBase), equityQuote: account.equityQuote, sent });
        for (const one of orders.filter(({ bar }) => bar === call)) {
          const { order, close } = series[one.k];
          const price = one.isLimit ? close.at(0) * (one.side > 0 ? 0.5 : 2) : close.at(0);
          const wish = { side: one.side, sizeBase: one.size };
          sent.push({ id: one.isLimit ? order.limit({ ...wish, limitPrice: price }) : order.market(wish), one, price });
        }
      },
    });
    return { calls, result };
  }

  /** Whether the caps let one order through, from positions, what was let through before it at this close, and what rests. */
  function mayPass(
    { one, price }: Call['sent'][number],
    book: { held: readonly number[]; buying: readonly number[]; selling: readonly number[]; equityQuote: number; last: readonly number[] },
    caps: BookCaps,
    correlations: (j: number) => number,
  ): boolean {
    const { held, buying, selling, equityQuote, last } = book;
    const against = -held[one.k] * one.side;
    if (against > 0 && one.size <= against) return true;
    const long = held.map((size, j) => size + buying[j]);
    const short = held.map((size, j) => selling[j] - size);
    const mine = ((one.side > 0 ? long : short)[one.k] + one.size) * price;
    const others = held.map((_, j) => j).filter((j) => j !== one.k);
    const sum = (amount: (j: number) => number) => others.reduce((total, j) => total + amount(j), 0);
    const isIn = (amount: number, fraction: number) => amount <= fraction * equityQuote + 1e-6;
    const gross = mine + sum((j) => Math.max(0, long[j], short[j]) * last[j]);
    const net = mine + sum((j) => (one.side > 0 ? long : short)[j] * last[j]);
    const isHeld = (j: number) => held[j] !== 0 || buying[j] !== 0 || selling[j] !== 0;
    const isRoomLeft = isHeld(one.k) || sum((j) => Number(isHeld(j))) < caps.positionCountMax;
    const along = sum((j) => {
      const found = correlations(j);
      const [same, opposite] = one.side > 0 ? [long[j], short[j]] : [short[j], long[j]];
      const above = caps.correlation?.above ?? 1;
      const amount = Number.isNaN(found) ? Math.max(long[j], short[j]) : found > above ? same : -found > above ? opposite : 0;
      return Math.max(0, amount) * last[j];
    });
    const isAlongIn = caps.correlation === null || isIn(mine + along, caps.correlation.exposureFractionMax);
    return isIn(gross, caps.grossFractionMax) && isIn(net, caps.netFractionMax) && isRoomLeft && isAlongIn;
  }

  test('are let through or refused as positions, orders on their way and bars say, worked out anew for each', () => {
    let passedCount = 0;
    let refusedCount = 0;
    fc.assert(
      fc.property(prices, fc.array(anySent, { minLength: 1, maxLength: 25 }), anyCaps, (rows, orders, caps) => {
        const { calls, result } = record(rows, orders, caps);
        // An account that the prices have ruined refuses at the fill, by its leverage and not by a cap: the order rests until then.
        const isRuined = (id: number) => result.orders[id].reason.startsWith('gross notional');
        const barOf = (id: number) =>
          (isRuined(id)
            ? result.orders[id].endedMs
            : (result.fills.find(({ orderId }) => orderId === id)?.openTimeMs ?? Number.POSITIVE_INFINITY)) / dayMs;
        const resting: { readonly id: number; readonly one: Sent }[] = [];
        for (const [call, { positions, equityQuote, sent }] of calls.entries()) {
          const held = [...positions];
          const buying = [0, 0, 0];
          const selling = [0, 0, 0];
          for (const { one } of resting.filter(({ id }) => barOf(id) > call)) (one.side > 0 ? buying : selling)[one.k] += one.size;
          const closes = (k: number, days: number) =>
            rows
              .slice(0, call + 1)
              .slice(-days - 1)
              .map((row) => row[k]);
          for (const asked of sent) {
            const { id, one } = asked;
            const correlations = (j: number) => {
              const days = caps.correlation?.days ?? 1;
              const returns = [one.k, j].map((k) => closes(k, days)).map((all) => all.slice(1).map((close, i) => close / all[i] - 1));
              return returns[0].length < days ? Number.NaN : correlation(Float64Array.from(returns[0]), Float64Array.from(returns[1]));
            };
            const isPassed = mayPass(asked, { held, buying, selling, equityQuote, last: rows[call] }, caps, correlations);
            expect([call, id, result.orders[id].status !== 'rejected' || isRuined(id), result.orders[id].reason]).toEqual([
              call,
              id,
              isPassed,
              isPassed ? expect.anything() : expect.stringMatching(/exposure|the most allowed/),
            ]);
            if (!isPassed) refusedCount++;
            else {
              passedCount++;
              if (one.isLimit) {
                resting.push({ id, one });
                (one.side > 0 ? buying : selling)[one.k] += one.size;
              } else if (!isRuined(id)) held[one.k] += one.side * one.size;
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(passedCount).toBeGreaterThan(300);
    expect(refusedCount).toBeGreaterThan(300);
  });
});
