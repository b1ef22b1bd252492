/** Owns how an error crosses threads, where classes are lost: traced to the author's line on one side, made again on the other. */
import { countText } from '../data/count-text.ts';
import { ConfigError, DataError, type ErrorCode, GateError, PlayheadError, StrategyError } from '../engine/errors.ts';
import { traceStrategyError } from '../strategies/trace.ts';

/** An error as it crosses threads, where classes are lost. */
export interface SentError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly stack: string;
}

/** What an error is traced by. */
export interface StrategyText {
  readonly sourceMap: string;
  /** The strategy's file as messages tell it. */
  readonly entry: string;
}

/** Puts the class back that was lost between the threads. */
export function receivedError(error: SentError): Error {
  if (error.code === '') {
    const plain = new Error(error.message);
    plain.name = error.name;
    plain.stack = error.stack;
    return plain;
  }
  const classes: Readonly<Record<string, typeof PlayheadError>> = { ConfigError, DataError, GateError, StrategyError };
  const Class = classes[error.name] ?? PlayheadError;
  const coded = new Class(error.code as ErrorCode, error.message, { ...error.fields });
  coded.stack = error.stack;
  return coded;
}

/** play() wraps what a handler threw and says at which bar; the place is in the stack of what was thrown. */
export function tracedError(error: unknown, { sourceMap, entry }: StrategyText, isPlaying: boolean): unknown {
  if (error instanceof PlayheadError && error.code === 'STRATEGY_THREW' && error.cause !== undefined) {
    const timeMs = Number(error.fields.timeMs);
    const when = Number.isFinite(timeMs) ? ` at ${new Date(timeMs).toISOString()}` : '';
    const variant = error.fields.policy ?? error.fields.rule;
    const under = typeof variant === 'string' ? ` under ${variant}` : '';
    const found = traceStrategyError(error.cause, sourceMap, `bar ${countText(Number(error.fields.row) + 1)}${when}${under}`);
    return found === error.cause ? error : found;
  }
  const found = traceStrategyError(error, sourceMap, isPlaying || error instanceof PlayheadError ? '' : 'loading');
  // A declaration that is wrong as a whole has no line of its own; its file is known all the same.
  const isPlaceless = found instanceof PlayheadError && found.code === 'STRATEGY_INVALID' && found.fields.file === undefined;
  return isPlaceless ? new ConfigError(found.code, `${entry}: ${found.message}`, { ...found.fields, file: entry }, found) : found;
}

/** An error without its class, to be posted. */
export function sentError(error: unknown): SentError {
  if (error instanceof PlayheadError)
    return { name: error.name, code: error.code, message: error.message, fields: error.fields, stack: error.stack ?? '' };
  const plain = error instanceof Error ? error : new Error(String(error));
  return { name: plain.name, code: '', message: plain.message, fields: {}, stack: plain.stack ?? '' };
}
