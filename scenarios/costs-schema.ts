/** Owns what a scenario may say of fees, slippage, volume and latency: every field with its type, range, default and description. Never reads a file. */
import { z } from 'zod';

const fraction = z.number().min(0).max(1);
/** A rate below 0 pays whoever trades, as makers are paid. */
const feeRate = z.number().min(-1).max(1);
const amount = z.number().min(0).max(1e12);
const ms = z.int().min(0).max(86_400_000);

const tier = z.strictObject({
  from: amount.describe('Traded notional of the 30 days before the fill, in the quote currency, from which these rates hold.'),
  maker: feeRate.describe('Fee of limit fills at rest, as a fraction of the notional, below 0 a rebate.'),
  taker: feeRate.describe('Fee of all other fills, as a fraction of the notional.'),
});

const fees = z
  .discriminatedUnion('model', [
    z.strictObject({ model: z.literal('rate').describe('feeRateMaker and feeRateTaker of the notional.') }),
    z.strictObject({
      model: z.literal('tiers').describe('Rates by what was traded on the venue in the 30 days before.'),
      tiers: z
        .array(tier)
        .min(1)
        .max(50)
        .refine((tiers) => tiers[0]?.from === 0, { error: 'expected the first tier from 0' })
        .refine((tiers) => tiers.every((one, i) => i === 0 || one.from > tiers[i - 1].from), {
          error: 'expected tiers in ascending order of from',
        })
        .describe('From the lowest volume up, the first from 0.'),
    }),
    z
      .strictObject({
        model: z.literal('perUnit').describe('So much a share, contract or coin.'),
        amount: amount.describe('Fee of one unit of base, in the quote currency.'),
        minimum: amount.default(0).describe('Least fee, in the quote currency.'),
        maximum: amount.nullable().default(null).describe('Largest fee, in the quote currency; null for none.'),
        maximumFraction: fraction.nullable().default(null).describe('Largest fee as a fraction of the notional; null for none.'),
        boundsOf: z
          .enum(['fill', 'order'])
          .default('fill')
          .describe('What minimum and maximum bound: each fill, or all fills of one order together.'),
      })
      .refine(({ minimum, maximum }) => maximum === null || minimum <= maximum, {
        path: ['maximum'],
        error: 'expected maximum to be at least minimum',
      }),
    z.strictObject({ model: z.literal('strategy').describe("The strategy's own fee function.") }),
  ])
  .describe('How fees are charged.');

const slippage = z.union([
  fraction.describe('Fraction of the price: 0.0005 is 5 basis points.'),
  z.discriminatedUnion('model', [
    z
      .strictObject({
        model: z.literal('spread').describe('Half of the distance between bid and ask.'),
        price: amount.optional().describe('The whole distance, in the quote currency.'),
        fraction: fraction.optional().describe('The whole distance, as a fraction of the price.'),
      })
      .refine((value) => (value.price === undefined) !== (value.fraction === undefined), { error: 'expected either price or fraction' }),
    z.strictObject({
      model: z.literal('volumeShare').describe('Price × impact × (fill ÷ volume of its bar)².'),
      impact: amount.describe('How far a fill as large as the volume moves the price, as a fraction of it: 0.1 is 10 %.'),
    }),
    z.strictObject({
      model: z.literal('squareRoot').describe('Price × impact × √(fill ÷ volume of its bar).'),
      impact: amount.describe('How far a fill as large as the volume moves the price, as a fraction of it: 0.1 is 10 %.'),
    }),
  ]),
]);

const purse = z
  .strictObject({
    currency: z.string().min(1).max(20).describe('The currency, of which account.balances holds some and account.conversions a series.'),
    discount: fraction.default(0).describe('What paying in it takes off a fee, as a fraction: 0.25 at Binance.'),
  })
  .describe('Fees are taken from the balance of this currency at the last known rate as long as it carries them, then from quote.');

export const costsSchema = z
  .strictObject({
    feeRateMaker: feeRate
      .nullable()
      .default(null)
      .describe("Fee of limit fills as a fraction of the notional, below 0 a rebate; null takes the instrument's own rate."),
    feeRateTaker: feeRate
      .nullable()
      .default(null)
      .describe("Fee of market and stop fills as a fraction of the notional; null takes the instrument's own rate."),
    feeFixed: z.number().default(0).describe('Fee added to every fill, in the quote currency; below 0 a rebate.'),
    feeIn: z
      .union([z.enum(['quote', 'base']), purse])
      .default('quote')
      .describe(
        'What fees are paid in: quote; on buys the base that was bought, so that less of it is received (sales pay quote; spot only); or a currency of its own.',
      ),
    fees: fees.prefault({ model: 'rate' }),
    slippage: slippage.default(0).describe('Worsens the price of market and stop fills: a fraction of the price, or a model.'),
  })
  .superRefine(({ feeRateMaker, feeRateTaker, feeFixed, feeIn, fees: { model } }, context) => {
    if (model === 'rate') return;
    const refuse = (name: string, why: string) =>
      context.addIssue({ code: 'custom', path: [name], message: `expected none beside costs.fees "${model}": ${why}` });
    const states = {
      tiers: 'the tiers state the rates',
      perUnit: 'units are charged, not the notional',
      strategy: 'the strategy says all',
    };
    if (feeRateMaker !== null) refuse('feeRateMaker', states[model]);
    if (feeRateTaker !== null) refuse('feeRateTaker', states[model]);
    if (feeIn === 'base') refuse('feeIn', 'a fee in base is a rate of what is bought');
    if (feeFixed !== 0 && model === 'strategy') refuse('feeFixed', states[model]);
  });

export const liquiditySchema = z.strictObject({
  volumeShare: z
    .number()
    .positive()
    .max(1)
    .nullable()
    .default(null)
    .describe("Share of a bar's volume that all fills together may take (at an open, of the bar before); null: an order fills whole."),
  queue: z
    .number()
    .min(0)
    .max(1000)
    .nullable()
    .default(null)
    .describe("Share of a bar's volume that lies ahead of a limit when it comes to rest; null: fills.limit decides alone."),
});

const delay = z.union([
  ms.describe('Always so many milliseconds.'),
  z.discriminatedUnion('model', [
    z
      .strictObject({
        model: z.literal('uniform').describe('Any whole number of milliseconds between the two.'),
        min: ms.describe('Shortest, in milliseconds.'),
        max: ms.describe('Longest, in milliseconds.'),
      })
      .refine(({ min, max }) => min <= max, { path: ['max'], error: 'expected max to be at least min' }),
    z.strictObject({
      model: z.literal('lognormal').describe('Mostly near the median, now and then much longer.'),
      median: ms.min(1).describe('Half of all delays are shorter, in milliseconds.'),
      sigma: z.number().positive().max(3).describe('Standard deviation of the logarithm: 0.5 puts one delay in twenty above 2.3 medians.'),
    }),
  ]),
]);

export const latencySchema = z.strictObject({
  order: delay.default(0).describe('From sending an order, an amend or a protection until the exchange has it: milliseconds, or a model.'),
  cancel: delay.default(0).describe('From sending a cancel until it takes effect.'),
  data: delay.default(0).describe('From an event until the strategy knows of it: what it sends is late by as much.'),
});

/** Combinations with the rest of a scenario that make no sense, each with the place of what has to go. */
export interface CostFault {
  readonly path: readonly string[];
  readonly message: string;
}

type Delay = z.output<typeof delay>;

export function costFaults(scenario: {
  readonly costs: z.output<typeof costsSchema>;
  readonly liquidity: z.output<typeof liquiditySchema>;
  readonly latency: z.output<typeof latencySchema>;
  readonly fills: { readonly limit?: string | undefined; readonly market?: string | undefined };
  readonly account: { readonly balances: Readonly<Record<string, number>> };
  readonly semantics: string;
}): CostFault[] {
  const { costs, liquidity, latency, fills, account, semantics } = scenario;
  const faults: CostFault[] = [];
  const refuse = (path: readonly string[], message: string) => void faults.push({ path, message });
  if (liquidity.queue !== null && fills.limit === 'touch')
    refuse(['liquidity', 'queue'], 'expected no queue with fills.limit "touch": the queue says what a touch fills');
  if (fills.market === 'close') {
    for (const name of ['order', 'data'] as const)
      if (isLate(latency[name]))
        refuse(['latency', name], 'expected 0 with fills.market "close": what is late cannot fill at the close at which it was sent');
  }
  if (typeof costs.feeIn !== 'string' && account.balances[costs.feeIn.currency] === undefined)
    refuse(['costs', 'feeIn', 'currency'], 'expected a currency of account.balances: without any of it no fee is ever paid in it');
  if (semantics === 'playhead') return faults;
  const because = `under semantics "${semantics}", which know nothing of the kind`;
  if (costs.fees.model === 'tiers' || costs.fees.model === 'perUnit')
    refuse(['costs', 'fees', 'model'], `expected rate or strategy ${because}`);
  if (typeof costs.slippage !== 'number') refuse(['costs', 'slippage'], `expected a fraction ${because}`);
  for (const name of ['volumeShare', 'queue'] as const)
    if (liquidity[name] !== null) refuse(['liquidity', name], `expected none ${because}`);
  for (const name of ['order', 'cancel', 'data'] as const) if (isLate(latency[name])) refuse(['latency', name], `expected 0 ${because}`);
  return faults;
}

function isLate(value: Delay): boolean {
  return typeof value === 'number' ? value > 0 : value.model !== 'uniform' || value.max > 0;
}
