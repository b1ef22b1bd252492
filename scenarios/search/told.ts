/** Owns what is kept of a search so that its report can say what was searched. Never decides a result. */
import type { LedgerMarket } from '../../data/stores/trial-ledger.ts';
import { seriesName } from '../../engine/model/bar.ts';
import type { SweepReportInput } from '../../reports/index.ts';
import type { Search } from './search.ts';

export type Told = Pick<SweepReportInput, 'strategyName' | 'series' | 'isSynthetic' | 'quoteCurrency'>;

export function toldOf({ prepared, strategyName }: Pick<Search, 'prepared' | 'strategyName'>): Told {
  const { tapes, instruments, resolved } = prepared;
  return {
    strategyName,
    series: tapes.map(({ key }) => seriesName(key)),
    isSynthetic: tapes.some(({ isSynthetic }) => isSynthetic),
    quoteCurrency: resolved.account.currency ?? instruments[0].quoteCurrency,
  };
}

/** Where its trials are played. */
export function marketOf({ resolved: { series, window } }: Search['prepared']): LedgerMarket {
  return { markets: series.map(({ venue, symbol }) => ({ venue, symbol })), fromMs: window.fromMs, toMs: window.toMs };
}
