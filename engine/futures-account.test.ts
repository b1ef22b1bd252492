/** Futures accounts: contracts cost nothing but their fee, set margin aside, and are settled in cash as each UTC day ends. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunResult } from './result.ts';
import { playScript, type ScriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, tapeOf } from './testing/tapes.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const flat = (price: number): BarRow => [price, price, price, price];
const account = {
  kind: 'futures',
  margins: [{ symbol: null, per: 'contract', initial: 1000, maintenance: 800 }],
} as const;
const instrument = { multiplier: 10, lotSize: 1, tickSize: 0.25, quoteDecimals: 2 };
const played = (input: ScriptInput) => playScript({ instrument, settings: { account }, ...input });
const settlements = ({ accountEvents }: RunResult) =>
  accountEvents
    .filter((event) => event.kind === 'settlement')
    .map(({ timeMs, figures }) => [timeMs / hourMs, figures.priceQuote, figures.amount]);
const send = (size: number) => (turn: Turn) => void turn.order.market({ side: size > 0 ? 1 : -1, sizeBase: Math.abs(size) });

describe('settlement (12.4)', () => {
  // Two days of 12-hour bars and a half: in at 100, days end at 104 and 101, out at 110.
  const rows = [flat(100), [100, 104, 99, 104], flat(102), [102, 103, 101, 101], [110, 110, 110, 110]] as BarRow[];
  const tape = tapeOf(rows, { symbol: 'A', timeframe: '12h' });
  const result = played({ tapes: [tape], at: { 0: send(2), 3: ({ order }) => void order.close() } });

  test('moves what the day has won to cash at its end, and what a closed position has won since at its fill', () => {
    expect(settlements(result)).toEqual([
      [24, 104, 80],
      [48, 101, -60],
    ]);
    expect(result.ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0', settlement: '200' });
  });

  test('changes no equity, and trades know the true entry', () => {
    expect([...result.equity.equityQuote]).toEqual([10_000, 10_080, 10_040, 10_020, 10_200]);
    expect(result.trades).toMatchObject([{ entryPriceQuote: 100, exitPriceQuote: 110, pnlQuote: 200 }]);
  });

  test('cash holds what was settled and nothing else', () => {
    const cash: number[] = [];
    played({ tapes: [tape], at: { 0: send(2) }, always: ({ account: view }) => void cash.push(view.cashQuote) });
    expect(cash).toEqual([10_000, 10_080, 10_080, 10_020, 10_020]);
  });

  test('of a day that ended between bars is at its last close, whatever the next bar brings', () => {
    const openTimesMs = [8 * hourMs, 9 * hourMs, 32 * hourMs, 33 * hourMs];
    const gapped = tapeOf([flat(100), flat(100), [150, 160, 150, 160], flat(160)], { symbol: 'A', timeframe: '1h', openTimesMs });
    expect(settlements(played({ tapes: [gapped], at: { 0: send(1) } }))).toEqual([[24, 100, 0]]);
    const next = played({ tapes: [gapped], at: { 0: send(1), 1: ({ order }) => void order.close() } });
    expect(settlements(next)).toEqual([[24, 100, 0]]);
    expect(next.ledger.settlement).toBe('500');
  });

  test('a part closed takes its share of what is not settled, and a turn starts anew', () => {
    const tape3 = tapeOf([100, 100, 106, 109, 103].map(flat), { symbol: 'A', timeframe: '1h' });
    const { ledger, equity, trades } = played({ tapes: [tape3], at: { 0: send(3), 1: send(-1), 2: send(-4) } });
    // +6 on one, +9 on two, then short 2 from 109 to 103.
    expect([...equity.equityQuote]).toEqual([10_000, 10_000, 10_180, 10_240, 10_360]);
    expect(ledger.settlement).toBe('240');
    expect(trades.map((trade) => trade.pnlQuote)).toEqual([60, 180]);
  });
});

test('12.2 an account of contracts is worth at every bar what one without borrowing is, and ends with the same cash', () => {
  const step = fc.record({ move: fc.integer({ min: -12, max: 12 }), size: fc.integer({ min: -3, max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      let ticks = 4_000;
      const rows = steps.map(({ move }): BarRow => {
        const open = ticks;
        ticks += move;
        return [open / 4, Math.max(open, ticks) / 4, Math.min(open, ticks) / 4, ticks / 4];
      });
      const tape = tapeOf(rows, { symbol: 'A', timeframe: '8h' });
      const at = Object.fromEntries(steps.map(({ size }, i) => [i, size === 0 ? () => {} : send(size)]));
      at[steps.length - 2] = ({ order }: Turn) => void order.close();
      const costs = { feeRateTaker: 0.0003, feeFixedQuote: 1.5 };
      const rich = { initialCapitalQuote: 10_000_000, costs };
      const contracts = played({ tapes: [tape], at, settings: { ...rich, account } });
      const plain = played({ tapes: [tape], at, settings: { ...rich, account: { kind: 'frictionless' } } });
      expect(contracts.fills).toEqual(plain.fills);
      expect(contracts.trades).toEqual(plain.trades);
      expect([...contracts.equity.equityQuote]).toEqual([...plain.equity.equityQuote]);
      const cents = (text: string | undefined) => Math.round(Number(text ?? 0) * 100);
      expect(cents(contracts.ledger.settlement)).toBe(cents(plain.ledger.sales) - cents(plain.ledger.purchases));
      expect(contracts.ledger.fees).toBe(plain.ledger.fees);
    }),
    { seed: 11, numRuns: 300 },
  );
});

describe('margin', () => {
  const tape = tapeOf([100, 100, 100, 20, 20, 20].map(flat), { symbol: 'A', timeframe: '1d' });

  test('goes by the contract, not by the price: ten are carried, eleven are not', () => {
    const orders = [10, 11].map((size) => played({ tapes: [tape], at: { 0: send(size) } }).orders[0]);
    expect(orders.map(({ status, reason }) => [status, reason])).toEqual([
      ['filled', ''],
      ['rejected', 'initial margin would be 11000, equity after its fee is 10000'],
    ]);
  });

  test('of an instrument with a line of its own is that, a fraction of the notional where it says so', () => {
    const margins = [...account.margins, { symbol: 'A', per: 'notional', initial: 0.1, maintenance: 0.05 }] as const;
    const { orders } = played({ tapes: [tape], at: { 0: send(100), 1: send(1) }, settings: { account: { ...account, margins } } });
    expect(orders.slice(0, 2).map((order) => order.status)).toEqual(['filled', 'rejected']);
  });

  test('a call closes contracts as it does positions, and settles what they have lost', () => {
    const { accountEvents, ledger, equity } = played({ tapes: [tape], at: { 0: send(10) } });
    expect(accountEvents.filter((event) => event.kind !== 'settlement').map(({ timeMs, kind }) => [timeMs / dayMs, kind])).toEqual([
      [4, 'marginCall'],
      [4, 'liquidation'],
      [5, 'marginRestored'],
    ]);
    expect(ledger.settlement).toBe('-8000');
    expect(equity.equityQuote[5]).toBe(2_000);
  });
});
