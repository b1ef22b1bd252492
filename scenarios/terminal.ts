/** Owns what reaches the terminal: results on stdout, progress and errors on stderr, signals. Never decides what a result is. */
import type { Command } from 'commander';
import { ConfigError, PlayheadError } from '../engine/errors.ts';
import { homeFolder } from './home.ts';

/** Options of the program itself, as every command sees them. */
export interface GlobalOptions {
  /** Absolute. */
  readonly home: string;
  readonly json?: boolean;
  /** false with --no-color. */
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Ended by a signal: 130 for SIGINT, 143 for SIGTERM. */
export class Interrupted extends Error {
  readonly exitCode: number;
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

export function printText(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** One JSON document; NaN becomes null, infinities become text. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, plainNumber, 2)}\n`);
}

export function plainNumber(_name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}

/** A remark for people: stderr, unless --quiet. */
export function note(text: string, options: GlobalOptions): void {
  if (!options.quiet) process.stderr.write(`${text}\n`);
}

/** Colour is for terminals, unless NO_COLOR or --no-color is set. */
export function hasColor(options: GlobalOptions): boolean {
  return options.color && !process.env.NO_COLOR && process.stdout.isTTY === true;
}

/** Columns of the terminal, within what a summary can use. */
export function terminalWidth(): number {
  return Math.min(Math.max(process.stdout.columns ?? 100, 60), 120);
}

/** Rows of text with aligned columns; numbers of columns to align right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const cell = (text: string, i: number): string => (right.includes(i) ? text.padStart(widths[i]) : text.padEnd(widths[i]));
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

const cellWidthMin = 8;

/** The rows of a table whose given columns are cut, the first as far as can be before the next, "…" at their ends, until a line fits. */
export function fitted(rows: readonly (readonly string[])[], cuttable: readonly number[], width: number): string[][] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  let excess = widths.reduce((sum, one) => sum + one + 2, -2) - width;
  for (const i of cuttable) {
    const cut = Math.max(0, Math.min(excess, widths[i] - cellWidthMin));
    widths[i] -= cut;
    excess -= cut;
  }
  return rows.map((row) => row.map((text, i) => (text.length > widths[i] ? `${text.slice(0, widths[i] - 1)}…` : text)));
}

/** Runs a task that SIGINT and SIGTERM abort; a second signal ends the program at once, as the system does by default. */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onInterrupt = (): void => controller.abort(new Interrupted('SIGINT'));
  const onTerminate = (): void => controller.abort(new Interrupted('SIGTERM'));
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onTerminate);
  try {
    const result = await task(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}

/** Seconds on the command line: a number above 0. */
export function secondsOf(text: string, option: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds > 0 && seconds <= 2_000_000) return seconds;
  throw new ConfigError('USAGE', `${option}: was "${text}", expected seconds, such as 60`, { option });
}

export function exitCodeOf(error: unknown): number {
  return error instanceof PlayheadError || error instanceof Interrupted ? error.exitCode : 1;
}

/** "error CODE: message" on stderr; with --json one document on stdout. The stack is shown for our own faults, and with --verbose. */
export function printError(error: unknown, options: Pick<GlobalOptions, 'json' | 'verbose'>): void {
  if (options.json) {
    printJson({ error: errorDocument(error) });
    return;
  }
  const { code, message } = errorDocument(error);
  const cause = error instanceof Error ? error.cause : undefined;
  process.stderr.write(`error ${code}: ${message}\n`);
  if (cause !== undefined && options.verbose) process.stderr.write(`  cause: ${textOf(cause)}\n`);
  if (code === 'INTERNAL' || options.verbose) process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`);
}

/** An error as JSON shows it. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly fields: PlayheadError['fields'];
  readonly cause?: string;
}

export function errorDocument(error: unknown): ErrorDocument {
  const code = error instanceof PlayheadError ? error.code : error instanceof Interrupted ? 'INTERRUPTED' : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  const fields = error instanceof PlayheadError ? error.fields : {};
  const cause = error instanceof Error && error.cause !== undefined ? { cause: textOf(error.cause) } : {};
  return { code, message, exitCode: exitCodeOf(error), fields, ...cause };
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** The program's options, seen from any command. */
export function globalsOf(command: Command): GlobalOptions {
  const options = command.optsWithGlobals<GlobalOptions & { home?: string }>();
  return { ...options, home: homeFolder(options.home) };
}
