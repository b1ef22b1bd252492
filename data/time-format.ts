/** Owns how a stamp in a file becomes the open time of a bar. Never guesses where two readings are equally good. */
import { ConfigError } from '../engine/errors.ts';
import { type Timeframe, timeframeMs } from '../engine/model/timeframe.ts';
import { sqlText } from './duckdb.ts';

export type EpochUnit = 's' | 'ms' | 'µs' | 'ns';

/** How the stamps of one file are written; the first row decides for all. */
export type TimeFormat =
  | { readonly kind: 'epoch'; readonly unit: EpochUnit; readonly isNamed: boolean }
  /** ISO 8601 with a time of day: with a zone of its own, or local to a zone that is given (UTC by default). */
  | { readonly kind: 'iso'; readonly hasZone: boolean }
  /** A format of strptime; isDate where it names a day and no time of day. */
  | { readonly kind: 'pattern'; readonly pattern: string; readonly isDate: boolean };

export interface StampRules {
  readonly timeframe: Timeframe;
  /** Whether the stamp is the bar's open or its close. A stamp that is a day closes at that day's end. */
  readonly stamp: 'open' | 'close';
  /** IANA zone of stamps that name none; days are always UTC days. */
  readonly timeZone: string;
}

/** What an unreadable time becomes in a staged file. */
export const unreadableTime = '-9223372036854775808';

const dayMs = 86_400_000;
const patterns: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d{1,2}-\d{1,2}$/, '%Y-%m-%d'],
  [/^\d{4}\/\d{1,2}\/\d{1,2}$/, '%Y/%m/%d'],
  [/^\d{4}\.\d{1,2}\.\d{1,2}$/, '%Y.%m.%d'],
  [/^(19|20|21)\d{2}[01]\d[0-3]\d$/, '%Y%m%d'],
  [/^\d{8} \d{1,2}:\d{2}$/, '%Y%m%d %H:%M'],
  [/^\d{8} \d{1,2}:\d{2}:\d{2}$/, '%Y%m%d %H:%M:%S'],
  [/^\d{8} \d{6}$/, '%Y%m%d %H%M%S'],
  [/^\d{8} \d{4}$/, '%Y%m%d %H%M'],
  [/^\d{4}\.\d{1,2}\.\d{1,2} \d{1,2}:\d{2}$/, '%Y.%m.%d %H:%M'],
  [/^\d{4}\.\d{1,2}\.\d{1,2} \d{1,2}:\d{2}:\d{2}$/, '%Y.%m.%d %H:%M:%S'],
  [/^\d{4}\/\d{1,2}\/\d{1,2} \d{1,2}:\d{2}$/, '%Y/%m/%d %H:%M'],
  [/^\d{4}\/\d{1,2}\/\d{1,2} \d{1,2}:\d{2}:\d{2}$/, '%Y/%m/%d %H:%M:%S'],
];
const isoPattern = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)?$/;

/** The format of a stamp, or undefined where it is unknown or ambiguous ("1/3/2017"). unit: what the column's name says. */
export function detectTimeFormat(sample: string, unit?: EpochUnit): TimeFormat | undefined {
  const text = sample.trim();
  for (const [shape, pattern] of patterns) if (shape.test(text)) return { kind: 'pattern', pattern, isDate: !pattern.includes('%H') };
  const iso = isoPattern.exec(text);
  if (iso !== null) return { kind: 'iso', hasZone: iso[3] !== undefined };
  if (text !== '' && Number.isFinite(Number(text))) {
    return { kind: 'epoch', unit: unit ?? unitOfMagnitude(Math.abs(Number(text))), isNamed: unit !== undefined };
  }
  return undefined;
}

/** A format given by the user, in strptime's letters. */
export function patternFormat(pattern: string): TimeFormat {
  if (!pattern.includes('%')) {
    throw new ConfigError('USAGE', `--time-format "${pattern}" has no field; expected strptime letters such as "%d/%m/%Y %H:%M"`, {
      pattern,
    });
  }
  return { kind: 'pattern', pattern, isDate: !/%[HIcXTRsQ]/.test(pattern) };
}

/** Stops on a zone this machine does not know. */
export function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new ConfigError('USAGE', `time zone "${timeZone}" is unknown; expected an IANA name such as "America/New_York" or "UTC"`, {
      timeZone,
    });
  }
}

export function unitOfMagnitude(value: number): EpochUnit {
  if (value < 1e11) return 's';
  if (value < 1e14) return 'ms';
  return value < 1e17 ? 'µs' : 'ns';
}

/** In words, for messages. */
export function timeFormatText(format: TimeFormat): string {
  if (format.kind === 'epoch') return `epoch ${format.unit}`;
  if (format.kind === 'pattern') return `a time like ${format.pattern}`;
  return format.hasZone ? 'ISO 8601 with a zone' : 'ISO 8601 without a zone';
}

/** SQL of the open time in whole ms as BIGINT, NULL where the text cannot be read, for a VARCHAR expression. */
export function openTimeSql(text: string, format: TimeFormat, rules: StampRules): string {
  return stampSql(rawTimeSql(`trim(${text})`, format, rules.timeZone), rules, format.kind === 'pattern' && format.isDate);
}

function rawTimeSql(text: string, format: TimeFormat, timeZone: string): string {
  if (format.kind === 'epoch') return epochSql(text, format);
  if (format.kind === 'pattern') {
    const parsed = `try_strptime(${text}, ${sqlText(format.pattern)})`;
    return /%[zZ]/.test(format.pattern) || format.isDate ? wholeMs(parsed) : wholeMs(zoned(parsed, timeZone));
  }
  if (format.hasZone)
    return `CASE WHEN right(${text}, 3) IN ('UTC') OR right(${text}, 1) = 'Z' OR regexp_matches(${text}, '[+-][0-9:]+$') THEN ${wholeMs(`try_cast(${text} AS TIMESTAMPTZ)`)} END`;
  // A cast to TIMESTAMP drops a zone without a word: a row with one, after a first row without, is unreadable instead.
  const isLocal = `NOT (contains(${text}, '+') OR right(${text}, 1) IN ('Z', 'C') OR contains(substr(${text}, 11), '-'))`;
  return `CASE WHEN ${isLocal} THEN ${wholeMs(zoned(`try_cast(${text} AS TIMESTAMP)`, timeZone))} END`;
}

function epochSql(text: string, { unit, isNamed }: { unit: EpochUnit; isNamed: boolean }): string {
  if (unit === 'ns') {
    const value = `try_cast(${text} AS BIGINT)`;
    return `CASE WHEN ${value} % 1000000 = 0 AND (${isNamed} OR abs(${value}) >= 100000000000000000) THEN ${value} // 1000000 END`;
  }
  const value = `try_cast(${text} AS DOUBLE)`;
  const [from, to] = { s: ['-1e11', '1e11'], ms: ['1e11', '1e14'], µs: ['1e14', '1e17'] }[unit];
  const inRange = isNamed
    ? 'true'
    : unit === 's'
      ? `${value} > ${from} AND ${value} < ${to}`
      : `abs(${value}) >= ${from} AND abs(${value}) < ${to}`;
  // Seconds may carry a fraction (1637110800.5); of µs only whole ms can be kept.
  const ms = { s: `round(${value} * 1000)`, ms: value, µs: `${value} / 1000` }[unit];
  const isWhole = unit === 's' ? 'true' : `${ms} = floor(${ms})`;
  return `CASE WHEN isfinite(${value}) AND ${inRange} AND ${isWhole} AND abs(${ms}) <= 8.64e15 THEN CAST(${ms} AS BIGINT) END`;
}

/** Open time of a TIMESTAMP or DATE column of a Parquet file. */
export function timestampSql(column: string, type: string, rules: StampRules): string {
  if (type === 'DATE') return stampSql(wholeMs(`CAST(${column} AS TIMESTAMP)`), rules, true);
  if (type === 'TIMESTAMP WITH TIME ZONE') return stampSql(wholeMs(column), rules, false);
  if (type === 'TIMESTAMP_NS') {
    const whole = `CASE WHEN epoch_ns(${column}) % 1000000 = 0 THEN CAST(${column} AS TIMESTAMP) END`;
    return stampSql(wholeMs(zoned(whole, rules.timeZone)), rules, false);
  }
  return stampSql(wholeMs(zoned(`CAST(${column} AS TIMESTAMP)`, rules.timeZone)), rules, false);
}

function zoned(timestamp: string, timeZone: string): string {
  return timeZone === 'UTC' ? timestamp : `((${timestamp}) AT TIME ZONE ${sqlText(timeZone)})`;
}

function wholeMs(timestamp: string): string {
  return `CASE WHEN isfinite(${timestamp}) AND epoch_us(${timestamp}) % 1000 = 0 THEN epoch_us(${timestamp}) // 1000 END`;
}

/**
 * From stamp to open. Fixed lengths: a close less the length. '1M': an open must be the first moment of a UTC month; a close lies in the month
 * it ends, so 2012-01-31, 2012-01-30 (the last trading day) and 2012-02-01T00:00 all name January.
 */
function stampSql(ms: string, { timeframe, stamp }: StampRules, isDate: boolean): string {
  if (timeframe === '1M') {
    const start = (inside: string): string => `epoch_us(date_trunc('month', make_timestamp((${inside}) * 1000))) // 1000`;
    if (stamp === 'close') return start(isDate ? ms : `(${ms}) - 1`);
    return `CASE WHEN (${ms}) = ${start(ms)} THEN ${ms} END`;
  }
  if (stamp === 'open') return ms;
  return `(${ms}) + ${(isDate ? dayMs : 0) - timeframeMs(timeframe)}`;
}
