/** Owns the way back from a bundle to the author's files: file, line and column of an error. Never runs in the loop. */
import { assert, ConfigError, PlayheadError, StrategyError } from '../engine/errors.ts';
import { nearest } from '../engine/nearest.ts';
import type { Column, Indicators, OrderEntry, Wake } from '../engine/strategy.ts';
import { bundleLineOffset, bundleUrl } from './evaluate.ts';

/** Line and column count from 1, as editors do. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The error a user should see for one thrown while a strategy was called: "my-strategy.ts:12:7: TypeError: …" with STRATEGY_THREW; a
 * coded error keeps its code and gains the place (its own, or that of its cause). during: what was being done, such as "onBar at 2024-05-01T00:00:00.000Z".
 * What is not the strategy's fault (no frame of it in the stack, or an invariant of the engine) comes back as it is.
 */
export function traceStrategyError(error: unknown, sourceMap: string, during = ''): Error {
  const suffix = during === '' ? '' : ` (in ${during})`;
  if (!(error instanceof Error)) {
    return new StrategyError(
      'STRATEGY_THREW',
      `the strategy threw ${describe(error)}, which is no Error and has no line; throw new Error(…)${suffix}`,
      {},
      error,
    );
  }
  if (error instanceof PlayheadError && error.fields.file !== undefined) return error;
  const place = placeOf(error, sourceMap) ?? (error.cause instanceof Error ? placeOf(error.cause, sourceMap) : null);
  if (error.message.startsWith('Invariant:')) return error;
  if (error instanceof PlayheadError) {
    if (!place) return error;
    const Class = error instanceof ConfigError ? ConfigError : StrategyError;
    return new Class(error.code, `${printed(place)}: ${error.message}${suffix}`, { ...error.fields, ...place }, error);
  }
  if (!place) return error;
  return new StrategyError(
    'STRATEGY_THREW',
    `${printed(place)}: ${error.name}: ${error.message}${memberHint(error)}${suffix}`,
    { ...place },
    error,
  );
}

/** What a strategy may call; the compiler keeps the lists whole. */
const members: readonly string[] = [
  ...Object.keys({
    market: true,
    limit: true,
    stop: true,
    stopLimit: true,
    marketIfTouched: true,
    limitIfTouched: true,
    trailingStop: true,
    onOpen: true,
    onClose: true,
    close: true,
    target: true,
    protect: true,
    amend: true,
    oneCancelsOther: true,
    cancel: true,
    cancelAll: true,
  } satisfies Record<keyof OrderEntry, true>),
  ...Object.keys({
    sma: true,
    ema: true,
    rma: true,
    wma: true,
    rsi: true,
    atr: true,
    macd: true,
    bollinger: true,
    donchian: true,
    stochastic: true,
    adx: true,
    ichimoku: true,
    batch: true,
    stream: true,
  } satisfies Record<keyof Indicators, true>),
  ...Object.keys({ onCross: true, onBarOf: true, onSchedule: true } satisfies Record<keyof Wake, true>),
  ...Object.keys({ at: true } satisfies Record<keyof Column, true>),
];

/** The nearest name to one that is no function: "order.markt is not a function". From the engine's words, so that nothing stands between a strategy and its orders. */
function memberHint(error: Error): string {
  const [, name] = error instanceof TypeError ? (/\.(\w+) is not a function/.exec(error.message) ?? []) : [];
  const near = name === undefined ? undefined : nearest(name, members);
  return near === undefined || near === name ? '' : `; did you mean "${near}"?`;
}

/** Where the text at this line and column (both from 1) of the bundle was written; null where the map knows nothing. */
export function locateInSource(sourceMap: string, bundleLine: number, bundleColumn: number): SourceLocation | null {
  const { mappings, sources } = JSON.parse(sourceMap) as { mappings: string; sources: string[] };
  const lines = mappings.split(';');
  // Source, line and column are told as differences from the segment before, across lines.
  let source = 0;
  let line = 0;
  let column = 0;
  let found: SourceLocation | null = null;
  for (let i = 0; i < Math.min(lines.length, bundleLine); i++) {
    let generatedColumn = 0;
    if (lines[i] === '') continue;
    for (const segment of lines[i].split(',')) {
      const fields = decodeSegment(segment);
      generatedColumn += fields[0];
      if (fields.length < 4) continue;
      source += fields[1];
      line += fields[2];
      column += fields[3];
      if (i === bundleLine - 1 && generatedColumn < bundleColumn) found = { file: sources[source], line: line + 1, column: column + 1 };
    }
  }
  return found;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base-64 VLQ: five bits a digit, low first, the sixth says more follow; the lowest bit of the whole is the sign. */
function decodeSegment(segment: string): number[] {
  const fields: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = digits.indexOf(character);
    assert(digit >= 0, `a source map holds base-64 digits, found "${character}"`);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    fields.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return fields;
}

/** The first frame in the author's own files, else the first in a package they import; null where the stack shows neither. */
export function placeOf(error: Error, sourceMap: string): SourceLocation | null {
  let inPackage: SourceLocation | null = null;
  for (const frame of (error.stack ?? '').split('\n')) {
    if (!/^\s+at /.test(frame)) continue;
    const at = new RegExp(`${bundleUrl.replace('.', '\\.')}:(\\d+):(\\d+)`).exec(frame);
    if (!at) continue;
    const place = locateInSource(sourceMap, Number(at[1]) - bundleLineOffset, Number(at[2]));
    if (!place) continue;
    if (!place.file.includes('node_modules/')) return place;
    inPackage ??= place;
  }
  return inPackage;
}

function printed(place: SourceLocation): string {
  return `${place.file}:${place.line}:${place.column}`;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
