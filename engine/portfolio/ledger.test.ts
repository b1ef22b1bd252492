import { describe, expect, test } from 'vitest';
import { Grid } from '../model/grid.ts';
import type { Instrument } from '../model/instrument.ts';
import { createRandom, type Random } from '../random.ts';
import { instrumentOf } from '../testing/tapes.ts';
import { DecimalLedger, FloatLedger, type LedgerInput } from './ledger.ts';

/** A decimal as a fraction: whole ÷ 10^decimals, read from its shortest text. */
function fraction(value: number): { whole: bigint; decimals: number } {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const [digits, places = ''] = mantissa.split('.');
  const decimals = places.length - Number(exponent);
  const whole = BigInt(digits + places);
  return decimals >= 0 ? { whole, decimals } : { whole: whole * 10n ** BigInt(-decimals), decimals: 0 };
}

/** whole ÷ 10^from as units of 10^−to, rounded half away from zero. */
function rescale(whole: bigint, from: number, to: number): bigint {
  if (from <= to) return whole * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  const isNegative = whole < 0n;
  const size = isNegative ? -whole : whole;
  const rounded = size / divisor + ((size % divisor) * 2n >= divisor ? 1n : 0n);
  return isNegative ? -rounded : rounded;
}

function decimalText(units: bigint, decimals: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const places = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return sign + whole + (places === '' ? '' : `.${places}`);
}

/** The independent reference: everything in BigInt fractions, nothing shared with the ledger. */
class SlowLedger {
  cash: bigint;
  notional = 0n;
  fee = 0n;
  readonly causes = { deposit: 0n, purchases: 0n, sales: 0n, fees: 0n };
  private readonly input: LedgerInput;

  constructor(input: LedgerInput) {
    const deposit = fraction(input.initialCapitalQuote);
    this.cash = rescale(deposit.whole, deposit.decimals, input.quoteDecimals);
    this.causes.deposit = this.cash;
    this.input = input;
  }

  settle(fill: Parameters<DecimalLedger['settle']>[0]): void {
    const { quoteDecimals, feeRates, feeFixedQuote, instruments } = this.input;
    const factors = [fill.priceQuote, fill.sizeBase, instruments[fill.instrumentIndex].multiplier].map(fraction);
    const decimals = factors.reduce((sum, factor) => sum + factor.decimals, 0);
    this.notional = rescale(
      factors.reduce((product, factor) => product * factor.whole, 1n),
      decimals,
      quoteDecimals,
    );
    const rates = feeRates[fill.instrumentIndex];
    const rate = fraction(fill.isMaker ? rates.maker : rates.taker);
    const fixed = fraction(feeFixedQuote);
    this.fee =
      rescale(this.notional * rate.whole, quoteDecimals + rate.decimals, quoteDecimals) +
      rescale(fixed.whole, fixed.decimals, quoteDecimals);
    this.cash -= BigInt(fill.side) * this.notional + this.fee;
    if (fill.side > 0) this.causes.purchases += this.notional;
    else this.causes.sales += this.notional;
    this.causes.fees += this.fee;
  }
}

const grids: readonly (readonly [tickSize: number, lotSize: number, multiplier: number])[] = [
  [0.01, 1e-8, 1],
  [0.1, 0.001, 1],
  [1e-8, 1, 1],
  [0.000001, 0.1, 1],
  [0.25, 1, 50],
  [0.5, 0.25, 1],
  [5, 10, 0.1],
  [1e-10, 1000, 1],
  [0.00025, 0.00001, 12.5],
  [1, 1, 1],
  [1e-12, 1e-8, 0.0001],
];
const rates: readonly (readonly [maker: number, taker: number])[] = [
  [0, 0],
  [0.001, 0.001],
  [0.0002, 0.0005],
  [0.00075, 0.000625],
  [0.1, 0.33333],
  [0.00000001, 0.999999],
];

function inputOf(quoteDecimals: number, initialCapitalQuote: number, feeFixedQuote: number): LedgerInput {
  const instruments: Instrument[] = grids.map(([tickSize, lotSize, multiplier]) => instrumentOf({ tickSize, lotSize, multiplier }));
  const feeRates = instruments.map((_, i) => ({ maker: rates[i % rates.length][0], taker: rates[(i + 1) % rates.length][1] }));
  return { instruments, initialCapitalQuote, quoteDecimals, feeRates, feeFixedQuote };
}

/** expect().toBe() a hundred thousand times is most of a test's time; this asks only where it would fail. */
function same(actual: number, expected: number): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

/** Whole numbers of very different lengths: one to fifteen digits. */
function wholeNumber(random: Random): number {
  const digits = 1 + Math.floor(random() * 15);
  return 1 + Math.floor(random() * (Number(`1e${digits}`) - 1));
}

describe('the decimal ledger (12.1)', () => {
  const seed = 20_260_101;

  test.each([
    [8, 0.25],
    [2, 0],
  ])(
    `equals them over 10,000 fills of everyday size at %d decimals, where every sum stays a double (seed ${seed})`,
    (quoteDecimals, fixed) => {
      const random = createRandom(seed);
      const input = inputOf(quoteDecimals, 50_000, fixed);
      const ledger = new DecimalLedger(input);
      const slow = new SlowLedger(input);
      for (let n = 0; n < 10_000; n++) {
        const instrumentIndex = Math.floor(random() * grids.length);
        const [tickSize, lotSize] = grids[instrumentIndex];
        const priceQuote = new Grid(tickSize).at(1 + Math.floor(random() * 1000));
        const sizeBase = new Grid(lotSize).at(1 + Math.floor(random() * 10));
        const fill = { instrumentIndex, side: n % 2 === 0 ? 1 : -1, priceQuote, sizeBase, isMaker: random() < 0.5 } as const;
        ledger.settle(fill);
        slow.settle(fill);
        same(ledger.last.notionalQuote, Number(decimalText(slow.notional, quoteDecimals)));
        same(ledger.last.feeQuote, Number(decimalText(slow.fee, quoteDecimals)));
        same(ledger.cashQuote, Number(decimalText(slow.cash, quoteDecimals)));
      }
      expect(slow.causes.sales < 2n ** 53n).toBe(true);
      expect(ledger.causes()).toEqual({
        deposit: '50000',
        purchases: decimalText(slow.causes.purchases, quoteDecimals),
        sales: decimalText(slow.causes.sales, quoteDecimals),
        fees: decimalText(slow.causes.fees, quoteDecimals),
      });
    },
  );

  const cases: [number, number, number][] = [
    [8, 10_000, 0],
    [2, 123_456_789.12, 0.35],
    [0, 1_000_000, 1],
    [6, 0.000001, 0.0000005],
    [18, 1.1, 0.000000000000000003],
  ];

  test.each(cases)(
    `equals fractions of BigInt to the last digit: 20,000 random fills at %d decimals (seed ${seed})`,
    (quoteDecimals, capital, fixed) => {
      const random = createRandom(seed + quoteDecimals);
      const input = inputOf(quoteDecimals, capital, fixed);
      const ledger = new DecimalLedger(input);
      const slow = new SlowLedger(input);
      let narrowCount = 0;
      let wideCount = 0;
      for (let n = 0; n < 20_000; n++) {
        const instrumentIndex = Math.floor(random() * grids.length);
        const ticks = wholeNumber(random);
        const lots = wholeNumber(random);
        const [tickSize, lotSize] = grids[instrumentIndex];
        const side = random() < 0.5 ? 1 : -1;
        const fill = {
          instrumentIndex,
          side,
          priceQuote: new Grid(tickSize).at(ticks),
          sizeBase: new Grid(lotSize).at(lots),
          isMaker: random() < 0.5,
        } as const;
        if (ticks * lots <= 2 ** 53) narrowCount++;
        else wideCount++;
        const foreseen = ledger.cost(fill);
        ledger.settle(fill);
        slow.settle(fill);
        same(ledger.last.notionalQuote, Number(decimalText(slow.notional, quoteDecimals)));
        same(ledger.last.feeQuote, Number(decimalText(slow.fee, quoteDecimals)));
        same(ledger.cashQuote, Number(decimalText(slow.cash, quoteDecimals)));
        same(foreseen, Number(decimalText(BigInt(fill.side) * slow.notional + slow.fee, quoteDecimals)));
        if (n % 1000 !== 999) continue;
        const { deposit, purchases, sales, fees } = slow.causes;
        expect(deposit + sales - purchases - fees).toBe(slow.cash);
        expect(ledger.causes()).toEqual({
          deposit: decimalText(deposit, quoteDecimals),
          purchases: decimalText(purchases, quoteDecimals),
          sales: decimalText(sales, quoteDecimals),
          fees: decimalText(fees, quoteDecimals),
        });
      }
      // Both ways of multiplying were walked.
      expect(narrowCount).toBeGreaterThan(5000);
      expect(wideCount).toBeGreaterThan(5000);
    },
  );

  test('holds over 10,000 fills where plain doubles drift by more than 2e-8', () => {
    const input: LedgerInput = {
      instruments: [instrumentOf({ tickSize: 0.01, lotSize: 0.00001 })],
      initialCapitalQuote: 1_000_000,
      quoteDecimals: 8,
      feeRates: [{ maker: 0.001, taker: 0.001 }],
      feeFixedQuote: 0,
    };
    const ledger = new DecimalLedger(input);
    const doubles = new FloatLedger(input);
    const slow = new SlowLedger(input);
    const random = createRandom(7);
    for (let n = 0; n < 10_000; n++) {
      const priceQuote = new Grid(0.01).at(2_000_000 + Math.floor(random() * 5_000_000));
      const fill = {
        instrumentIndex: 0,
        side: n % 2 === 0 ? 1 : -1,
        priceQuote,
        sizeBase: new Grid(0.00001).at(1 + Math.floor(random() * 1_000_000)),
        isMaker: false,
      } as const;
      ledger.settle(fill);
      doubles.settle(fill);
      slow.settle(fill);
    }
    const exact = Number(decimalText(slow.cash, 8));
    expect(ledger.cashQuote).toBe(exact);
    expect(Math.abs(doubles.cashQuote - exact)).toBeGreaterThan(2e-8);
  });

  test('takes the fee from the rounded notional, and rounds a half away from zero', () => {
    const ledger = new DecimalLedger({
      ...inputOf(2, 100, 0),
      instruments: [instrumentOf({ tickSize: 0.01, lotSize: 0.1 })],
      feeRates: [{ maker: 0.1, taker: 0.5 }],
    });
    // 0.15 × 0.1 = 0.015 → 0.02; half of 0.02 is 0.01, half of 0.015 would round to 0.01 too, a tenth tells: 0.002 → 0.
    ledger.settle({ instrumentIndex: 0, side: 1, priceQuote: 0.15, sizeBase: 0.1, isMaker: false });
    expect(ledger.last.notionalQuote).toBe(0.02);
    expect(ledger.last.feeQuote).toBe(0.01);
    expect(ledger.cashQuote).toBe(99.97);
    // 0.45 × 0.1 = 0.045 → 0.05; a tenth of that is 0.005 → 0.01, a tenth of 0.045 would be 0.0045 → 0.
    ledger.settle({ instrumentIndex: 0, side: -1, priceQuote: 0.45, sizeBase: 0.1, isMaker: true });
    expect(ledger.last.feeQuote).toBe(0.01);
    expect(ledger.cashQuote).toBe(100.01);
    expect(ledger.causes()).toEqual({ deposit: '100', purchases: '0.02', sales: '0.05', fees: '0.02' });
  });
});

test('13.2 the ledger of plain doubles rounds nothing and counts the same causes', () => {
  const ledger = new FloatLedger({
    ...inputOf(2, 100, 0.25),
    instruments: [instrumentOf({ multiplier: 2 })],
    feeRates: [{ maker: 0, taker: 0.01 }],
  });
  const fill = { instrumentIndex: 0, side: 1, priceQuote: 1 / 3, sizeBase: 1.5, isMaker: false } as const;
  expect(ledger.cost(fill)).toBe((1 / 3) * 1.5 * 2 * 1.01 + 0.25);
  ledger.settle(fill);
  expect(ledger.cashQuote).toBe(100 - ((1 / 3) * 1.5 * 2 + ((1 / 3) * 1.5 * 2 * 0.01 + 0.25)));
  expect(Object.keys(ledger.causes())).toEqual(['deposit', 'purchases', 'sales', 'fees']);
});

test('plain doubles add up to the cash but for their last bits, and a cent that no cause tells is found', () => {
  const ledger = new FloatLedger({
    ...inputOf(2, 1e6, 0.25),
    instruments: [instrumentOf({})],
    feeRates: [{ maker: -0.001, taker: 0.003 }],
  });
  for (let k = 0; k < 20_000; k++) {
    const isMaker = k % 3 === 0;
    ledger.settle({ instrumentIndex: 0, side: k % 2 === 0 ? 1 : -1, priceQuote: 100 + (k % 97) / 7, sizeBase: 1 + (k % 13) / 3, isMaker });
  }
  ledger.assertBalanced();
  ledger.cashQuote += 0.01;
  expect(() => ledger.assertBalanced()).toThrow(/causes of cash sum to/);
  ledger.writeOff();
  expect(() => ledger.assertBalanced()).toThrow(/not to the cash 0/);
});
