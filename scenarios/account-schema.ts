/** Owns what a scenario may say of its account: kind, margin, interest, currencies, dust. Never reads a file. */
import { z } from 'zod';

const fraction = z.number().min(0).max(1);
const currency = z
  .string()
  .regex(/^[A-Z0-9]{2,12}$/, { error: 'expected a currency code like USD or USDT' })
  .meta({ examples: ['USD', 'USDT'] });

const marginLine = z
  .strictObject({
    symbol: z.string().min(1).max(200).optional().describe('The instrument it is for; default: all that have no line of their own.'),
    per: z
      .enum(['notional', 'contract'])
      .default('notional')
      .describe('notional: fractions of the notional; contract: amounts for each contract, in its quote currency.'),
    initial: z.number().positive().describe('Set aside to open a position.'),
    maintenance: z.number().positive().describe('Equity below this for all positions is a margin call.'),
  })
  .refine((line) => line.maintenance <= line.initial, { error: 'expected maintenance to be at most initial' })
  .refine((line) => line.per === 'contract' || line.initial <= 1, { error: 'expected initial to be at most 1 of the notional' });

/** What only some kinds of account know. */
const onlyFor: Readonly<Record<string, readonly string[]>> = {
  maintenanceMargin: ['margin'],
  interestRate: ['margin'],
  borrowRate: ['margin'],
  accrual: ['margin'],
  positions: ['frictionless', 'margin', 'futures'],
  margins: ['margin', 'futures'],
  liquidation: ['margin', 'futures'],
  liquidationFee: ['margin', 'futures'],
};

const kindFields = {
  initialCapital: z.number().positive().default(10_000).describe('Cash at the start, in the account currency.'),
  kind: z
    .enum(['spot', 'frictionless', 'margin', 'futures'])
    .default('spot')
    .describe(
      'spot refuses to sell beyond the position; frictionless allows shorts without borrowing; margin borrows, for interest and fees, with margin calls; futures holds contracts settled in cash at the end of each UTC day.',
    ),
  leverage: z
    .number()
    .min(1)
    .max(1000)
    .default(1)
    .describe(
      'Gross positions may reach equity × leverage: frictionless and margin, whose initial margin is 1 / leverage of the notional.',
    ),
};

/** Of accounts that borrow or hold contracts. */
const marginFields = {
  positions: z
    .enum(['net', 'hedge'])
    .default('net')
    .describe(
      'net: one position an instrument; hedge: a long and a short leg side by side, and orders say leg: long or short. Not on spot.',
    ),
  maintenanceMargin: fraction
    .positive()
    .nullable()
    .default(null)
    .describe('Share of the notional below which equity is a margin call; null for half of 1 / leverage. margin only.'),
  margins: z
    .array(marginLine)
    .max(200)
    .default([])
    .describe('Margins by instrument; the line that names it counts before one that names none. Without one, margin goes by leverage.'),
  interestRate: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('Interest a year on cash below 0, as a fraction, in each currency. margin only.'),
  borrowRate: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('Fee a year on what is sold short, as a fraction, at the last close. margin only.'),
  accrual: z
    .enum(['day', 'hour'])
    .default('day')
    .describe('When interest and borrow fees are charged: at the end of each UTC day or hour, on what stands then. margin only.'),
  liquidation: z
    .enum(['largestLossFirst', 'all'])
    .default('largestLossFirst')
    .describe('Which positions a margin call closes at the next open: the largest loss first until the margin is restored, or all.'),
  liquidationFee: fraction
    .default(0)
    .describe('Fee of a position closed by a margin call, as a fraction of its notional, beside the usual fee.'),
};

const moneyFields = {
  currency: currency
    .nullable()
    .default(null)
    .describe('The currency of the initial capital, equity, risk and metrics; null for the one in which all instruments quote.'),
  balances: z
    .record(currency, z.number().positive())
    .default({})
    .describe('Cash at the start in other currencies, beside the initial capital: { EUR: 2000 }.'),
  conversion: z
    .enum(['none', 'atFill'])
    .default('none')
    .describe(
      'Where a fill lacks its currency: none refuses it on a spot account and leaves others in debit, atFill buys what is lacking with the account currency at the last known rate.',
    ),
  conversionCost: fraction.default(0).describe('Cost of a conversion as a fraction of what is paid for it; with conversion: atFill.'),
  dust: z
    .enum(['keep', 'sell'])
    .nullable()
    .default(null)
    .describe(
      'A rest of a position below the minimum notional or one lot: keep ends the position and keeps the rest, sell sells it all the same; null for keep where a minimum notional is stated or fees are taken in base.',
    ),
};

/** series: the schema of one series in the catalogue. */
export function accountSchema<Series extends z.ZodType<{ venue: string; symbol: string }>>(series: Series) {
  const conversions = z
    .array(series)
    .max(50)
    .default([])
    .describe(
      'Series that turn other currencies into the account currency, such as EUR/USD; the rate is the last close known. Nothing is traded on them.',
    );
  return z.strictObject({ ...kindFields, ...marginFields, ...moneyFields, conversions }).superRefine(checkAccount);
}

type Stated = z.output<z.ZodObject<typeof kindFields & typeof marginFields & typeof moneyFields>> & {
  readonly conversions: readonly { readonly venue: string; readonly symbol: string }[];
};

/** What does not go together. */
function checkAccount(account: Stated, context: z.RefinementCtx): void {
  const issue = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const { kind, leverage, margins, maintenanceMargin } = account;
  if (kind === 'spot' && leverage !== 1)
    issue(['leverage'], 'expected 1 for a spot account; use kind: margin, which borrows for interest, or frictionless, which does not');
  if (kind === 'futures' && leverage !== 1)
    issue(['leverage'], 'expected leverage 1 for futures, whose margins say what a contract sets aside');
  if (kind === 'futures' && margins.length === 0)
    issue(['margins'], 'expected a line of margins for futures: { per: contract, initial: 1000, maintenance: 800 }');
  if (maintenanceMargin !== null && maintenanceMargin > 1 / leverage)
    issue(['maintenanceMargin'], `expected at most 1 / leverage, ${1 / leverage}: a position would be called as it opens`);
  for (const [name, kinds] of Object.entries(onlyFor)) {
    if (!kinds.includes(kind) && isStated(name, account[name as keyof typeof account]))
      issue([name], `expected only where kind is ${kinds.join(' or ')}`);
  }
  if (account.currency !== null && account.currency in account.balances)
    issue(['balances'], `expected other currencies than ${account.currency}, whose cash is initialCapital`);
  if (account.conversionCost !== 0 && account.conversion === 'none')
    issue(['conversionCost'], 'expected conversion: atFill beside it; with none nothing is converted');
  const seen = new Set(account.conversions.map((one) => `${one.venue}\0${one.symbol}`));
  if (seen.size !== account.conversions.length) issue(['conversions'], 'expected each conversion once');
}

const unstated: Readonly<Record<string, unknown>> = {
  positions: 'net',
  maintenanceMargin: null,
  interestRate: 0,
  borrowRate: 0,
  accrual: 'day',
  liquidation: 'largestLossFirst',
  liquidationFee: 0,
};

function isStated(name: string, value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== unstated[name];
}
