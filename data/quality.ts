/**
 * Owns what is looked at in bars before they are trusted, and what is done about it by policy. Never repairs: the one policy that adds bars,
 * fill-flat, is asked for by name, works in memory, and is counted (fill-flat.ts).
 */
import { DataError } from '../engine/errors.ts';
import { type BarColumns, type SeriesKey, seriesName } from '../engine/model/bar.ts';
import { type Instrument, tickStepOf } from '../engine/model/instrument.ts';
import { countText } from './count-text.ts';
import type { GapRange } from './gaps.ts';
import { barName, QualityScan } from './quality-scan.ts';

/** Every kind of finding, in the order of a report; each text completes "7 …", and without its first s "1 …". */
export const qualityKinds = {
  nonFinite: 'bars with a value that is no finite number',
  disorder: 'bars out of order in time',
  duplicate: 'bars at the time of the bar before',
  overlap: 'bars inside the time of the bar before',
  negative: 'bars with a negative price or volume',
  zero: 'bars with a price of zero',
  highBelowLow: 'bars with a high below the low',
  outsideRange: 'bars with an open or close outside low and high',
  offTick: 'bars with a price off the tick grid',
  offTimeGrid: 'bars off the UTC grid of the timeframe',
  gap: 'gaps',
  irregularCalendar: 'breaks like nights, weekends and holidays',
  staleOpen: 'bars with an open that repeats the close before',
} as const;
export type QualityKind = keyof typeof qualityKinds;

/** "1 gap", "7 bars out of order in time". */
export function findingText(kind: QualityKind, count: number): string {
  const words = qualityKinds[kind];
  return `${countText(count)} ${count === 1 ? words.replace('s', '') : words}`;
}

/** reject stops, flag reports, fill-flat (gaps only) adds flat bars of zero volume in memory. */
export type QualityAction = 'reject' | 'flag' | 'fill-flat';
export type QualityPolicy = Readonly<Record<QualityKind, QualityAction>>;

export const defaultQualityPolicy: QualityPolicy = Object.freeze({
  nonFinite: 'reject',
  disorder: 'reject',
  duplicate: 'reject',
  overlap: 'reject',
  negative: 'reject',
  zero: 'reject',
  highBelowLow: 'reject',
  outsideRange: 'flag',
  offTick: 'flag',
  offTimeGrid: 'flag',
  gap: 'flag',
  irregularCalendar: 'flag',
  staleOpen: 'flag',
});

export interface QualityIssue {
  readonly kind: QualityKind;
  readonly policy: QualityAction;
  readonly count: number;
  /** The first finding: its bar (row of the file at import), the bar's open, and what was found. */
  readonly first: { readonly bar: number; readonly timeMs: number; readonly text: string };
}

/** Plain data: stored with a run and shown in its report. */
export interface QualityReport {
  readonly rowCount: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
  /** No bar on a UTC Saturday in a week or more: nights, weekends and holidays are its calendar and no gaps. */
  readonly isSessionMarket: boolean;
  readonly gapCount: number;
  readonly missingBarCount: number;
  /** The first ten. */
  readonly gaps: readonly GapRange[];
  readonly calendarBreakCount: number;
  readonly calendarMissingBarCount: number;
  /** Opens equal to the close before; an issue for the UTC years in which more than half are, but for intraday bars of a market without pauses. */
  readonly staleOpenCount: number;
  readonly issues: readonly QualityIssue[];
}

export interface QualityOptions {
  readonly key: SeriesKey;
  /** Tick for the grid check; left out where the instrument is unknown. */
  readonly instrument?: Pick<Instrument, 'tickSize' | 'changes'> | undefined;
  readonly policy?: Partial<QualityPolicy> | undefined;
}

/** Looks at every bar once and reports; throws nothing: see assertQuality. */
export function checkQuality(columns: BarColumns, options: QualityOptions): QualityReport {
  const scan = new QualityScan({
    key: options.key,
    tickSize: options.instrument === undefined ? 0 : tickStepOf(options.instrument),
    nameOf: barName,
  });
  scan.add(columns, columns.length);
  return scan.report(resolvePolicy(options.policy));
}

/** The default policy with what the user changed; fill-flat makes sense for gaps alone. */
export function resolvePolicy(changes: Partial<QualityPolicy> = {}): QualityPolicy {
  const policy = { ...defaultQualityPolicy, ...changes };
  for (const [kind, action] of Object.entries(policy)) {
    if (action === 'fill-flat' && kind !== 'gap') {
      throw new DataError('UNSUPPORTED', `quality policy "fill-flat" is for gaps only; for ${kind} use reject or flag`, { kind });
    }
  }
  return policy;
}

/** Stops with DATA_QUALITY where the report holds a finding whose policy is "reject"; the message names each such kind and its first place. */
export function assertQuality(report: QualityReport, key: SeriesKey): void {
  const text = rejections(report);
  if (text === '') return;
  throw new DataError('DATA_QUALITY', `${seriesName(key)}: ${text}`, { ...key });
}

/** The findings with policy "reject" in words, '' where there is none. */
export function rejections(report: QualityReport): string {
  return report.issues
    .filter((issue) => issue.policy === 'reject')
    .map((issue) => `${issue.kind}: ${issue.first.text}${issue.count > 1 ? ` (and ${issue.count - 1} more)` : ''}`)
    .join('; ');
}
