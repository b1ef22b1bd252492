/** Owns what is left of a parameter set under shocks, in words and rows, as a terminal prints it. Never computes it. */
import { shareAbove, shareAtMost } from '../engine/metrics/moments.ts';
import { type PricePaths, pathFractions, percentilesOf } from '../engine/optimiser/price-paths.ts';
import type { RobustnessReport, ShockReport } from '../engine/optimiser/robustness.ts';
import type { TradeOrders } from '../engine/optimiser/trade-orders.ts';
import { count, counted, fixed, percent, percentSigned } from './format.ts';

const verdicts = {
  robust: 'ROBUST: no shock that is judged breaks it',
  fragile: 'FRAGILE: a shock that is judged breaks it',
  nothing: 'NOTHING TO BREAK: it loses without any shock',
} as const;

export function robustnessVerdict({ verdict }: RobustnessReport): string {
  return verdicts[verdict];
}

/** The run as it is and one row a shock, behind the titles; columns from the second on are numbers. */
export function robustnessRows({ base, shocks }: RobustnessReport): string[][] {
  return [
    ['', 'runs', 'return', '5 to 95%', 'Sharpe', 'drawdown', 'to 95%', 'trades', 'earn', ''],
    [
      'as it is',
      '1',
      percentSigned(base.returnFraction),
      '',
      fixed(base.sharpeRatio, 3),
      percent(base.drawdownFractionMax),
      '',
      count(base.tradeCount),
      '',
      '',
    ],
    ...shocks.map(shockRow),
  ];
}

function shockRow({ name, replicateCount, figures, profitableFraction, isPassed }: ShockReport): string[] {
  const { returnFraction, sharpeRatio, drawdownFractionMax, tradeCount } = figures;
  const isMany = replicateCount > 1;
  return [
    name,
    count(replicateCount),
    percentSigned(returnFraction.median),
    isMany ? `${percentSigned(returnFraction.low)} to ${percentSigned(returnFraction.high)}` : '',
    fixed(sharpeRatio.median, 3),
    percent(drawdownFractionMax.median),
    isMany ? percent(drawdownFractionMax.high) : '',
    count(Math.round(tradeCount.median)),
    percent(profitableFraction, 0),
    isPassed === null ? 'not judged' : isPassed ? 'passed' : 'broken',
  ];
}

/** Percentiles of other paths and other orders, a row each behind the titles, all but the first column numbers; empty where there are neither. */
export function fateRows({ paths, trades }: { readonly paths: PricePaths | null; readonly trades: TradeOrders | null }): string[][] {
  const row = (title: string, rising: Float64Array, text: (value: number) => string): string[] => [
    title,
    ...percentilesOf(rising).map(text),
  ];
  const drawdown = (value: number): string => percent(value);
  const rows = [
    ...(paths === null
      ? []
      : [
          row('return on other paths of prices', paths.returnFraction, (value) => percentSigned(value)),
          row('drawdown on other paths of prices', paths.drawdownFractionMax, drawdown),
        ]),
    ...(trades === null
      ? []
      : [
          row('drawdown of the trades in another order', trades.permuted.drawdownFractionMax, drawdown),
          row('return of trades drawn anew', trades.bootstrapped.equityFinal, (value) => percentSigned(value - 1)),
          row('drawdown of trades drawn anew', trades.bootstrapped.drawdownFractionMax, drawdown),
        ]),
  ];
  return rows.length === 0 ? [] : [['', ...pathFractions.map((fraction) => percent(fraction, 0))], ...rows];
}

/** Chances, and what the figures of fateRows rest on, a sentence each. ruinFraction: of the capital, lost at some time. */
export function fateNotes(
  { paths, trades }: { readonly paths: PricePaths | null; readonly trades: TradeOrders | null },
  { base, ruinFraction }: { readonly base: RobustnessReport['base']; readonly ruinFraction: number },
): string[] {
  const own = base.drawdownFractionMax;
  const chances = (one: { readonly lost: number; readonly deeper: number; readonly ruined: number }): string =>
    `${percent(one.lost, 1)} end with a loss, ${percent(one.deeper, 1)} fall deeper than the ${percent(own)} of the run itself, ${percent(one.ruined, 1)} lose ${percent(ruinFraction, 0)} of the capital at some time`;
  const lowest = 1 - ruinFraction;
  const notes: string[] = [];
  if (paths !== null)
    notes.push(
      `of ${counted(paths.pathCount, 'path')} ${chances({
        lost: shareAtMost(paths.returnFraction, 0),
        deeper: shareAbove(paths.drawdownFractionMax, own),
        ruined: shareAtMost(paths.equityLowest, lowest),
      })}${paths.failedCount === 0 ? '' : `; on ${paths.failedCount} the strategy threw`} (bars drawn anew in blocks; a strategy that lives on longer memory than a block loses it there)`,
    );
  if (trades !== null) {
    const { equityFinal, equityLowest, drawdownFractionMax } = trades.bootstrapped;
    notes.push(
      `of ${counted(equityFinal.length, 'draw')} of its ${counted(trades.tradeCount, 'trade')} ${chances({
        lost: shareAtMost(equityFinal, 1),
        deeper: shareAbove(drawdownFractionMax, own),
        ruined: shareAtMost(equityLowest, lowest),
      })} (marked at exits, so that drawdowns inside trades do not count; another order of the same trades ends where the run did)`,
    );
  }
  return notes;
}
