/** Owns with how many decimals an amount of a currency is written. Never rounds what is computed. */
import type { Instrument } from '../engine/model/instrument.ts';
import type { RunResult } from '../engine/result.ts';

/** A currency as its amounts are written. */
export interface Currency {
  readonly name: string;
  readonly decimals: number;
}

/** Currencies that people count in cents, and dollars on a chain, whatever more a ledger keeps. */
const inCents = new Set(
  [
    'USD EUR GBP CHF AUD NZD CAD SEK NOK DKK PLN CZK TRY ZAR MXN BRL INR CNY CNH HKD SGD THB ILS HUF',
    'USDT USDC DAI BUSD TUSD FDUSD USDP USDE USDS PYUSD GUSD EURC EURT',
  ].flatMap((names) => names.split(' ')),
);
const inWholes = new Set(['JPY', 'KRW']);
/** What the ledger keeps where no instrument states it. */
const ledgerDecimals = 8;

/** precision: decimals that the ledger keeps of it; no more are written. */
export function currencyOf(name: string, precision = ledgerDecimals): Currency {
  const usual = inWholes.has(name) ? 0 : inCents.has(name) ? 2 : precision;
  return { name, decimals: Math.min(precision, usual) };
}

/** What the trades of an instrument are paid in. */
export function quoteOf({ quoteCurrency, quoteDecimals }: Instrument): Currency {
  return currencyOf(quoteCurrency, quoteDecimals);
}

/** " EUR" behind an amount of an instrument whose quote is not the account's currency, where the reader would take it for that. */
export function foreignName({ quoteCurrency }: Instrument, result: RunResult): string {
  return quoteCurrency === result.quoteCurrency ? '' : ` ${quoteCurrency}`;
}

/** A currency of the run's account, by default its own: that of equity and metrics. */
export function accountCurrency({ instruments, quoteCurrency }: RunResult, name = quoteCurrency): Currency {
  const quoted = instruments.find((instrument) => instrument.quoteCurrency === name);
  const traded = instruments.find((instrument) => instrument.baseCurrency === name);
  return currencyOf(name, quoted?.quoteDecimals ?? traded?.baseDecimals);
}
