/**
 * Owns the quiet stretch: bars of a lone series while no order rests. A step there is its mark and its onBar alone, and cash and position
 * stand still until an order is sent and has met its open. Never decides anything of its own: step does the same bar by bar, and
 * stretch.property.test.ts holds the two equal.
 */
import { lowerBound } from './feed.ts';
import type { RunState } from './run-state.ts';
import { enforce } from './step.ts';

/** Bars of one call: enough to forget what a call costs, few enough that progress is told in time and compiled code is entered soon. */
export const stretchBars = 1_024;

/** The next event can only be a bar that is marked and shown: one series, a plain account, nothing rests, every declared column has its value. */
export function isQuiet(run: RunState): boolean {
  // First what is most often in the way.
  if (run.broker.wantsOpens || !run.isReady || run.fillsAtClose || run.hasLatency || !run.isPlain || run.risk.isHalted) return false;
  const { only } = run.feed;
  if (only === null || only.index + 1 >= only.endBar) return false;
  return run.dated === null || only.closeMs(only.index + 1) < run.dated.nextMs;
}

/** Plays bars to the first at which an order is sent, or to the last. */
export function playStretch(run: RunState): void {
  if (run.retired.count > 0) run.recycle();
  const { feed, portfolio, equityQuote, handlers, context, draftCount, isAwake } = run;
  const watch = run.canHalt && run.risk.rules !== null ? run.risk.rules.supervisor : null;
  const series = feed.finest[0];
  const { open, close } = series.columns;
  const cashQuote = portfolio.ledger.cashQuote;
  const sizeBase = portfolio.positionBase[0];
  const multiplier = portfolio.multipliers[0];
  const from = series.index + 1;
  const last = series.endBar - from > stretchBars ? from + stretchBars : series.endBar;
  const to = run.dated === null ? last : lowerBound(series.columns.closeTimeMs, last, run.dated.nextMs);
  const row0 = series.firstBar;
  let opensSum = 0;
  feed.enterStretch();
  for (let bar = from; bar < to && run.draftCount === draftCount; bar++) {
    series.index = bar;
    const row = bar - row0;
    feed.row = row;
    const quote = cashQuote + sizeBase * close[bar] * multiplier;
    equityQuote[row] = quote;
    opensSum += open[bar];
    if (watch?.observe(quote, series.closeMs(bar))) {
      enforce(run);
      if (run.hasNews) run.deliverNews();
    }
    if (isAwake === null || isAwake()) handlers.onBar?.(context);
  }
  if (run.hasNews) run.deliverNews();
  run.opensSum = opensSum;
}
