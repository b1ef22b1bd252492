/** Owns how what an account was charged beside its fees is told to people. Never computes: the amounts are the ledger's. */
import type { CashCause } from '../engine/portfolio/ledger.ts';
import type { RunResult } from '../engine/result.ts';
import { accountCurrency } from './currency.ts';
import { money, signed } from './format.ts';

export interface ChargeLine {
  readonly label: string;
  readonly text: string;
}

const chargeLabels: Readonly<Partial<Record<CashCause, string>>> = {
  interest: 'Interest',
  borrowFees: 'Borrow fees',
  conversionCosts: 'Conversion costs',
  liquidationFees: 'Liquidation fees',
  writeOff: 'Written off',
};

/** A line for each cause that came to anything, with its currencies, the account's first; costs are positive, what was written off has the sign of cash. */
export function chargeLines(result: RunResult): ChargeLine[] {
  const { ledger, otherLedgers, quoteCurrency } = result;
  const ledgers = [[quoteCurrency, ledger], ...Object.entries(otherLedgers)] as const;
  return Object.entries(chargeLabels).flatMap(([cause, label]) => {
    const amounts = ledgers
      .map(([name, causes]) => ({ currency: accountCurrency(result, name), amount: Number(causes[cause] ?? 0) }))
      .filter(({ amount }) => amount !== 0)
      .map(
        ({ currency, amount }) => `${cause === 'writeOff' ? signed(amount, currency.decimals) : money(amount, currency)} ${currency.name}`,
      );
    return amounts.length === 0 ? [] : [{ label, text: amounts.join(', ') }];
  });
}
