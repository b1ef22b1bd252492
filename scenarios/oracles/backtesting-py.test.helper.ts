/** Owns how the cases of backtesting.py are played: its data, its terms, its way of calling a strategy. Never used outside tests. */
import type { FeeRule } from '../../engine/costs/fees.ts';
import type { Tape } from '../../engine/model/bar.ts';
import type { RunResult } from '../../engine/result.ts';
import { backtestingPySemantics, type Semantics } from '../../engine/settings.ts';
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { hasOracles, readBarsCsv, tapeOf } from '../../engine/testing/tapes.ts';
import { type OracleRun, runOf, type Step, scriptOf, sliceTape } from './oracle-run.test.helper.ts';

export const bars = (name: string, timeframe: '1d' | '1h' | '1M'): Tape => readBarsCsv(`backtesting-py/data/${name}.csv`, timeframe);
export const absent = tapeOf([[1, 1, 1, 1]]);
export const goog = hasOracles ? bars('GOOG', '1d') : absent;
/** Their SHORT_DATA. */
export const short = hasOracles ? sliceTape(goog, 0, 20) : absent;

export interface Terms {
  readonly cash?: number;
  readonly spread?: number;
  readonly commission?: number;
  readonly fixed?: number;
  /** A commission that is a function. */
  readonly fees?: FeeRule;
  /** Their 1 / margin. */
  readonly leverage?: number;
  readonly semantics?: Partial<Semantics>;
  readonly instrument?: OracleRun['instrument'];
}

export function backtest(
  tape: Tape,
  strategy: StrategyDefinition,
  { cash = 10_000, spread = 0, commission = 0, fixed = 0, fees = { kind: 'rate' }, leverage = 1, semantics, instrument }: Terms = {},
): RunResult {
  return runOf({
    tapes: [tape],
    instrument,
    settings: {
      initialCapitalQuote: cash,
      account: { kind: 'frictionless', leverage },
      costs: { slippageFraction: spread, feeRateMaker: commission, feeRateTaker: commission, feeFixedQuote: fixed, fees },
      semantics: { ...backtestingPySemantics, ...semantics },
    },
    strategy,
  });
}

/** Their strategies are called from the second bar on. */
export const script = (onBar: (step: Step) => void): StrategyDefinition => scriptOf(onBar, 1);
export const everything = { equityFraction: 1 };

/** Their finalize_trades: false. */
export const openAtTheEnd = { endOfRun: 'keepOpen' } as const;
export const finalEquity = ({ equity }: RunResult): number => equity.equityQuote[equity.equityQuote.length - 1];
