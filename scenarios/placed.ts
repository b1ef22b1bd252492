/** Owns telling a fault that shows after a scenario was read with its place in the file, or the --set it comes from. Never reads a file. */
import { ConfigError, DataError, type PlayheadError } from '../engine/errors.ts';
import type { SeriesKey } from '../engine/model/bar.ts';
import { problemText } from './problems.ts';
import type { ReadScenario } from './read.ts';
import { sourceKeyOf } from './resolve.ts';

/** A parameter, or a strategy or series that is not there, is a fault of the scenario: its line is named. */
export async function placed<T>(read: ReadScenario, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof DataError)) throw error;
    const path = placeOfFault(read, error);
    if (path === undefined) throw error;
    const { at } = error.fields;
    const message =
      error.code === 'STRATEGY_PARAMETER' && at === undefined
        ? placedLines(read, error.message)
        : problemText({ ...read.problemOf(path), text: error.message.replace(`${String(at)}: `, '') });
    const Class = error instanceof DataError ? DataError : ConfigError;
    throw new Class(error.code, message, { ...error.fields }, error);
  }
}

/** Each line is the fault of one parameter and starts with its path; a --set says the path itself. */
function placedLines(read: ReadScenario, message: string): string {
  return message
    .split('\n')
    .map((line) => {
      const [, name, text] = /^strategy\.parameters\.(.*?): (.*)$/.exec(line) ?? [];
      if (name === undefined) return line;
      return problemText({ ...read.problemOf(['strategy', 'parameters', name]), text });
    })
    .join('\n');
}

function placeOfFault(read: ReadScenario, error: PlayheadError): (string | number)[] | undefined {
  // Told by whoever found it; its message begins with it.
  if (typeof error.fields.at === 'string') return error.fields.at.split('.');
  if (error.code === 'STRATEGY_PARAMETER') return ['strategy', 'parameters', String(error.fields.parameter)];
  if (error.code === 'STRATEGY_NOT_FOUND') return ['strategy', read.scenario.strategy.use === undefined ? 'file' : 'use'];
  if (error.code === 'DATA_NOT_FOUND') {
    const { venue, symbol, timeframe } = error.fields;
    const isMeant = (key: SeriesKey): boolean => key.venue === venue && key.symbol === symbol && key.timeframe === timeframe;
    const i = read.scenario.data.series.findIndex((series) => isMeant(series) || isMeant(sourceKeyOf(series)));
    if (i >= 0) return ['data', 'series', i];
  }
  return undefined;
}
