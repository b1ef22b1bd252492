/** Owns how an account is opened: which ledger keeps its cash, in which currencies. Refuses what does not go together; never books a fill. */
import { FeePurse } from '../costs/fee-purse.ts';
import { type FeeModel, feeModelOf } from '../costs/fees.ts';
import { ConfigError } from '../errors.ts';
import type { RulesInForce } from '../rules-in-force.ts';
import type { RunSettings } from '../settings.ts';
import { BaseFeeLedger } from './base-fee-ledger.ts';
import { type Clock, Conversion, type ConversionTape } from './conversion.ts';
import { type CurrencyAccount, CurrencyLedgers, type CurrencyLedgersInput } from './currency-ledgers.ts';
import { FuturesLedger } from './futures-ledger.ts';
import { DecimalLedger, FloatLedger, type Ledger, type LedgerInput } from './ledger.ts';

export interface OpenAccountInput {
  readonly settings: RunSettings;
  readonly inForce: RulesInForce;
  readonly conversions: readonly ConversionTape[];
  readonly clock: Clock;
  /** Open of the first bar played: what other currencies are worth then counts as capital. */
  readonly firstOpenMs: number;
  readonly onConverted: CurrencyLedgersInput['onConverted'];
}

export interface OpenedAccount {
  readonly currency: string;
  readonly ledger: Ledger;
  readonly currencies: CurrencyLedgers | null;
  readonly futures: readonly FuturesLedger[] | null;
  /** What is charged in place of the rates; null where they are all there is. */
  readonly feeModel: FeeModel | null;
  /** All cash at the start, in the account's currency. */
  readonly capitalQuote: number;
}

export function openAccount(input: OpenAccountInput): OpenedAccount {
  const opened = openLedgers(input);
  input.inForce.onChange((i) => opened.ledger.takeRates(i));
  return opened;
}

function openLedgers(input: OpenAccountInput): OpenedAccount {
  const { settings } = input;
  const { declared: instruments } = input.inForce;
  const { account, initialCapitalQuote } = settings;
  const quoted = [...new Set(instruments.map((one) => one.quoteCurrency))];
  const currency = account.currency ?? quoted[0];
  if (account.currency === null && quoted.length > 1)
    throw conversionError(
      `the instruments quote in ${quoted.join(' and ')}; state account.currency, and in account.conversions a series for each other currency`,
    );
  const { feeCurrency } = settings.costs;
  const purses = typeof feeCurrency === 'string' ? [] : [feeCurrency.currency];
  const others = [...new Set([...quoted, ...Object.keys(account.balances), ...purses])].filter((one) => one !== currency);
  checkKind(settings, others.length > 0);
  if (others.length > 0) return openSeveral(input, currency, others);
  const { quoteDecimals } = instruments[0];
  const feeModel = feeModelFor(input, quoteDecimals);
  const ledgerInput = ledgerInputOf(input, { initialCapitalQuote, quoteDecimals, feeModel });
  const ledger = ledgerFor(settings, ledgerInput);
  const futures = ledger instanceof FuturesLedger ? instruments.map(() => ledger) : null;
  return { currency, ledger, currencies: null, futures, feeModel, capitalQuote: initialCapitalQuote };
}

function openSeveral(input: OpenAccountInput, currency: string, others: readonly string[]): OpenedAccount {
  const { settings, firstOpenMs } = input;
  const { declared: instruments } = input.inForce;
  const { account, initialCapitalQuote } = settings;
  let capitalQuote = initialCapitalQuote;
  // First of all: a currency that nothing of the run tells has no precision either.
  const conversions = new Map(others.map((code) => [code, conversionOf(input, code, currency)]));
  // Where there is a fee model, all instruments quote in one currency.
  const [{ quoteCurrency }] = instruments;
  const feeModel = feeModelFor(input, decimalsOfCurrency(input, quoteCurrency));
  const accounts = [currency, ...others].map((code): CurrencyAccount => {
    const conversion = conversions.get(code) ?? null;
    const balance = conversion === null ? initialCapitalQuote : (account.balances[code] ?? 0);
    const ledgerInput = ledgerInputOf(input, {
      initialCapitalQuote: balance,
      quoteDecimals: decimalsOfCurrency(input, code),
      feeModel: code === quoteCurrency ? feeModel : null,
    });
    if (conversion !== null && balance !== 0) {
      const rate = conversion.rateAt(firstOpenMs);
      if (Number.isNaN(rate))
        throw conversionError(
          `account.balances holds ${balance} ${code}, but its conversion has no close at or before the first bar; start later, or import earlier bars`,
        );
      capitalQuote += balance * rate;
    }
    return { currency: code, ledger: ledgerFor(settings, ledgerInput) as DecimalLedger, conversion };
  });
  const accountOf = instruments.map((one) => accounts.findIndex((each) => each.currency === one.quoteCurrency));
  const { policy, costFraction } = account.conversion;
  const currencies = new CurrencyLedgers({
    accounts,
    accountOf,
    convertsAtFill: policy === 'atFill',
    conversionCostFraction: costFraction,
    feePurse: feePurseOf(settings, accounts),
    onConverted: input.onConverted,
  });
  const futures = account.kind === 'futures' ? accountOf.map((place) => accounts[place].ledger as FuturesLedger) : null;
  return { currency, ledger: currencies, currencies, futures, feeModel, capitalQuote };
}

function feePurseOf({ costs: { feeCurrency } }: RunSettings, accounts: readonly CurrencyAccount[]): FeePurse | null {
  if (typeof feeCurrency === 'string') return null;
  const pocket = accounts.find(({ currency }) => currency === feeCurrency.currency);
  return pocket === undefined ? null : new FeePurse(pocket, feeCurrency);
}

function ledgerInputOf(
  { settings, inForce: { declared: instruments, feeRates } }: OpenAccountInput,
  money: Pick<LedgerInput, 'initialCapitalQuote' | 'quoteDecimals' | 'feeModel'>,
): LedgerInput {
  return { instruments, ...money, feeRates, feeFixedQuote: settings.costs.feeFixedQuote };
}

/** Amounts and volumes of a fee model are counted in the one currency in which the instruments quote. */
function feeModelFor({ settings, inForce: { declared: instruments }, clock }: OpenAccountInput, quoteDecimals: number): FeeModel | null {
  const { fees: rule, feeCurrency } = settings.costs;
  if (rule.kind === 'rate') return null;
  const refuse = (what: string): never => {
    throw new ConfigError('UNSUPPORTED', `${what}: costs.fees was "${rule.kind}", expected rate`);
  };
  const quoted = [...new Set(instruments.map((one) => one.quoteCurrency))];
  if (quoted.length > 1) refuse(`amounts and volumes of fees are in one currency, and the instruments quote in ${quoted.join(' and ')}`);
  if (feeCurrency === 'base') refuse('a fee in base is a rate of what is bought');
  if (settings.semantics.moneyDecimals === 'none' && rule.kind !== 'strategy')
    refuse(`the semantics "${settings.semantics.profile}" keep cash in plain doubles, which know rates and functions alone`);
  return feeModelOf({ rule, instruments, quoteDecimals, clock });
}

function ledgerFor({ account, costs, semantics }: RunSettings, input: LedgerInput): Ledger {
  if (semantics.moneyDecimals === 'none') return new FloatLedger(input);
  if (account.kind === 'futures') return new FuturesLedger(input);
  return costs.feeCurrency === 'base' ? new BaseFeeLedger(input) : new DecimalLedger(input);
}

/** What a kind of account cannot be combined with. */
function checkKind({ account, costs, semantics }: RunSettings, hasOthers: boolean): void {
  const isExact = semantics.moneyDecimals === 'instrument';
  const isMargined = account.kind === 'margin' || account.kind === 'futures';
  if (!isExact && (isMargined || hasOthers || costs.feeCurrency === 'base'))
    throw new ConfigError(
      'UNSUPPORTED',
      `the semantics "${semantics.profile}" keep cash in plain doubles; margin, futures, several currencies and fees in base need exact money: use semantics playhead, or a spot or frictionless account in one currency`,
    );
  if (account.kind === 'spot' && account.positions === 'hedge')
    throw new ConfigError('UNSUPPORTED', 'a spot account holds no short leg: account.positions was hedge, expected net, or another kind');
  if (typeof costs.feeCurrency === 'object' && !hasOthers)
    throw new ConfigError(
      'UNSUPPORTED',
      `costs.feeCurrency ${costs.feeCurrency.currency} is what the account trades in: expected another currency, or "quote"`,
    );
  if (costs.feeCurrency === 'base' && account.kind !== 'spot')
    throw new ConfigError('UNSUPPORTED', `fees in base are taken from what is bought: account.kind was ${account.kind}, expected spot`);
}

function conversionOf({ conversions, clock }: OpenAccountInput, from: string, to: string): Conversion {
  const found = conversions.find(
    ({ baseCurrency, quoteCurrency }) => (baseCurrency === from && quoteCurrency === to) || (baseCurrency === to && quoteCurrency === from),
  );
  if (found === undefined)
    throw conversionError(`nothing turns ${from} into ${to}; name a series of ${from}/${to} or ${to}/${from} in account.conversions`);
  return new Conversion(found, to, clock);
}

/** The finest precision in which anything of the run tells the currency. */
function decimalsOfCurrency({ inForce: { declared: instruments }, conversions }: OpenAccountInput, code: string): number {
  const found = [
    ...instruments.filter((one) => one.quoteCurrency === code).map((one) => one.quoteDecimals),
    ...conversions.filter((one) => one.quoteCurrency === code).map((one) => one.quoteDecimals),
  ];
  // Only ever the base of a conversion: its own precision.
  const asBase = conversions.filter((one) => one.baseCurrency === code).map((one) => one.baseDecimals);
  return Math.max(...(found.length > 0 ? found : asBase));
}

function conversionError(message: string): ConfigError {
  return new ConfigError('CONVERSION_MISSING', message);
}
