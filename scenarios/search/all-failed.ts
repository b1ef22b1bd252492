/** Owns the error of a search of which every trial failed. Never plays. */
import { ConfigError, type ErrorCode, errorCodes, StrategyError } from '../../engine/errors.ts';
import { failureLines } from '../../reports/index.ts';
import type { SearchTrial } from './course.ts';

/** By the failure that the first one met: one of the strategy where it has failed, otherwise of what it was asked. */
export function allFailed(trials: readonly SearchTrial[], dimensions: readonly string[], where = ''): StrategyError | ConfigError {
  const code = trials[0]?.failure?.code ?? 'USAGE';
  const [, ...lines] = failureLines(trials, dimensions);
  const message = [`${where}every trial failed:`, ...lines].join('\n');
  const isStrategy = code.startsWith('STRATEGY_') && code !== 'STRATEGY_PARAMETER';
  if (isStrategy) return new StrategyError(code as ErrorCode, message);
  return new ConfigError(Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'USAGE', message);
}
