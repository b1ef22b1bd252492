/** Owns bringing a finished walk-forward before its report. Never trains or plays. */
import { findWalkForward, loadWalkForward } from '../../data/stores/walkforward-store.ts';
import { GateError } from '../../engine/errors.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import type { Json, WalkForwardReportInput } from '../../reports/index.ts';
import { packageVersion } from '../package-info.ts';
import type { WalkForwardDetails } from './walkforward-spec.ts';

/** CHECK_FAILED for a walk-forward that was stopped, or is of a scheme that has no report. */
export function walkForwardReportInput(home: string, wanted: string): WalkForwardReportInput {
  const id = findWalkForward(home, wanted);
  const { head, choices, end } = loadWalkForward<WalkForwardDetails>(home, id);
  const { told, search, walkforward, dimensions, objective, scenarioPath } = head.details;
  if (walkforward.scheme === 'combinatorial')
    throw new GateError('CHECK_FAILED', `walk-forward ${id} is of scheme combinatorial, which has no HTML report`, { walkForward: id });
  if (end === null)
    throw new GateError(
      'CHECK_FAILED',
      `walk-forward ${id} was stopped before its end; go on with "npx playhead walkforward ${scenarioPath} --resume ${id}"`,
      { walkForward: id },
    );
  const { tests, metrics, initialCapitalQuote, daily, tStatistic, sharpeInterval, efficiency, walkForwardHash } = end;
  return {
    ...{ id, name: head.name, ...told, dimensions, objective, scheme: walkforward.scheme },
    settings: { search, walkforward } as unknown as Json,
    isSmallestBest: search.objective.startsWith('-'),
    folds: choices.map(({ train, test, parameters, trainMetrics, keepsConstraints, trialCount, failedCount }, fold) => ({
      ...{ train, test, parameters, keepsConstraints, trialCount, failedCount },
      hasDecided: !Number.isNaN(tests[fold].tookOverMs),
      trainMetrics: metricsByName(trainMetrics),
      testMetrics: metricsByName(tests[fold].metrics),
    })),
    ...{ initialCapitalQuote, daily, tStatistic, sharpeInterval, efficiency, walkForwardHash },
    metrics: metricsByName(metrics),
    playhead: packageVersion(),
  };
}
