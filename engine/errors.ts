/** Owns the classes and codes of the world's failures. Our own faults are not here: they stop at once in assert(). */

/** Every code an error of playhead can carry, with what a user should do about it; the README's table is tested against it. */
export const errorCodes = {
  SCENARIO_NOT_FOUND: 'The scenario file does not exist; check the path, or make one with "npx playhead init".',
  SCENARIO_INVALID: 'The scenario file breaks its schema; the message names file, line, column, what was found and what is expected.',
  STRATEGY_NOT_FOUND: 'The strategy file or the shipped strategy of that name does not exist.',
  STRATEGY_INVALID: 'The strategy does not compile, exports no defineStrategy(…), or declares something impossible in setup.',
  STRATEGY_PARAMETER: 'A parameter is unknown, of the wrong type or outside the range its schema states.',
  STRATEGY_THREW: 'The strategy threw an error while it played; the message names file, line and bar.',
  STRATEGY_TIMEOUT: 'The strategy did not come back within the time limit; look for an endless loop, or raise --time-limit.',
  STRATEGY_FORBIDDEN: 'The strategy called the clock, randomness, a timer, the network or the process: results would not repeat.',
  LOOKAHEAD: 'A column was read past now, or a custom indicator changes its past when the future is cut off: it reads ahead.',
  DATA_NOT_FOUND: 'The catalogue has no such series; import it with "npx playhead data import", or list with "npx playhead data list".',
  DATA_FORMAT: 'The file could not be read as bars; the message names row and column.',
  DATA_QUALITY: 'The bars break a quality rule whose policy is "reject".',
  DATA_CONFLICT: 'The bars disagree with bars already in the catalogue; both values are printed.',
  DATA_CORRUPT: 'A segment of the catalogue does not match its manifest.',
  DATA_BUSY: 'Another import into the same series is running; wait for it to end.',
  DATA_INSTRUMENT:
    'The instrument is unknown, its rules do not cover the window, or what cannot change inside a run does: currencies, their decimals, the multiplier.',
  RUN_NOT_FOUND: 'No stored run has that id; see "npx playhead runs list".',
  RUN_CORRUPT: 'A stored run does not match its own hashes.',
  VERIFY_FAILED: 'The run could not be reproduced; the message names the first difference.',
  CHECK_FAILED: 'A check of the strategy does not hold: its values depend on where the tape starts, or its orders on who calls it.',
  EXPECTATION_FAILED: 'The run finished, but a line of the expect block does not hold.',
  CONVERSION_MISSING: 'A currency of the run cannot be turned into the account currency; name a series for it in account.conversions.',
  UNSUPPORTED: 'The combination asked for is not supported; the message says which and what to use.',
  USAGE: 'The command line, or a call of the library, is wrong; the message says what was expected.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A failure of the world, not of the program: stable code, numbers as fields, an exit code for the command line. */
export class PlayheadError extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  constructor(code: ErrorCode, message: string, fields: Record<string, string | number | boolean> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.fields = fields;
  }
  /** Exit code of the command line: see the README. */
  get exitCode(): number {
    return 1;
  }
}

/** A scenario, parameter or command line that cannot be used. */
export class ConfigError extends PlayheadError {
  override get exitCode(): number {
    return 2;
  }
}

/** Market data that is missing, malformed, conflicting or corrupt. */
export class DataError extends PlayheadError {
  override get exitCode(): number {
    return 3;
  }
}

/** A gate, an expectation or a verification that does not hold. */
export class GateError extends PlayheadError {
  override get exitCode(): number {
    return 4;
  }
}

/** A strategy that threw, ran too long, or used what is forbidden. */
export class StrategyError extends PlayheadError {
  override get exitCode(): number {
    return 5;
  }
}

/** Stops at once on a fault of our own. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant: ${message}`);
}
