/** Owns the settings of a program's run, in the engine's words. Never used by a run. */
import type { FeeRule } from '../costs/fees.ts';
import type { SlippageRule } from '../costs/slippage.ts';
import { Grid } from '../model/grid.ts';
import type { ScriptInput } from './play-script.ts';
import type { Program, ProgramFee, ProgramMargin, ProgramSlippage } from './program.ts';

/** Of what fees are paid in where that is neither base nor quote. */
export const purseCurrency = 'FEE';

export function settingsFrom({
  account,
  policy,
  branches,
  limitRule,
  marketFill,
  slippage,
  fee,
  feeFrom,
  liquidity,
  latency,
  instruments,
  seed,
}: Program): NonNullable<ScriptInput['settings']> {
  const { volumeShare, queue } = liquidity;
  return {
    initialCapitalQuote: Number(account.cash),
    account: {
      kind: account.kind,
      leverage: Number(account.leverage),
      positions: account.positions,
      ...(account.margin === undefined ? {} : marginFrom(account.margin)),
      ...(feeFrom.kind === 'purse' ? { balances: { [purseCurrency]: Number(feeFrom.balance) } } : {}),
    },
    ambiguity: policy,
    branches,
    semantics: { limitFill: limitRule, marketFill },
    seed,
    costs: {
      feeFixedQuote: fee.kind === 'fixed' ? Number(fee.amount) : 0,
      slippageFraction: slippage.kind === 'fixed' ? Number(slippage.fraction) : 0,
      ...(slippage.kind === 'spread' ? { slippage: spreadOf(slippage, Number(instruments[0].tick)) } : {}),
      ...('impact' in slippage ? { slippage: { kind: slippage.kind, impact: Number(slippage.impact) } } : {}),
      feeCurrency: feeFrom.kind === 'purse' ? { currency: purseCurrency, discountFraction: Number(feeFrom.discount) } : feeFrom.kind,
      ...(fee.kind === 'perUnit' ? { fees: perUnitOf(fee) } : {}),
    },
    liquidity: { volumeShare: volumeShare === undefined ? null : Number(volumeShare), queue: queue === undefined ? null : Number(queue) },
    latency,
  };
}

function marginFrom({ per, initial, maintenance, interest, borrow, accrual, rule, liquidationFee }: ProgramMargin) {
  return {
    margins: [{ symbol: null, per, initial: Number(initial), maintenance: Number(maintenance) }],
    interestRateAnnual: Number(interest),
    borrowRateAnnual: Number(borrow),
    accrual,
    liquidation: { rule, feeFraction: Number(liquidationFee) },
  };
}

/** All instruments of a program have one tick. */
function spreadOf(slippage: ProgramSlippage & { readonly kind: 'spread' }, tick: number): SlippageRule {
  const isTicks = 'ticks' in slippage;
  return {
    kind: 'spread',
    spreadQuote: isTicks ? new Grid(tick).at(slippage.ticks) : 0,
    spreadFraction: isTicks ? 0 : Number(slippage.fraction),
  };
}

function perUnitOf({ amount, minimum, maximum }: ProgramFee & { readonly kind: 'perUnit' }): FeeRule {
  return {
    kind: 'perUnit',
    amountQuote: Number(amount),
    minimumQuote: Number(minimum),
    maximumQuote: maximum === undefined ? Number.POSITIVE_INFINITY : Number(maximum),
    maximumFraction: Number.POSITIVE_INFINITY,
    boundsOf: 'fill',
  };
}
