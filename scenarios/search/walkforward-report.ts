/** Owns bringing a finished walk-forward, of whichever scheme, before its report. Never trains or plays. */

import { findWalkForward, loadWalkForward, type StoredWalkForward } from '../../data/stores/walkforward-store.ts';
import { GateError } from '../../engine/errors.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import {
  type CombinatorialReportInput,
  combinatorialReportHtml,
  type Json,
  type WalkForwardReportInput,
  walkForwardReportHtml,
} from '../../reports/index.ts';
import { packageVersion } from '../package-info.ts';
import { resumeCommand } from './resumed.ts';
import type { WalkForwardDetails } from './walkforward-spec.ts';

type Stored = StoredWalkForward<WalkForwardDetails>;

/** CHECK_FAILED for a walk-forward that was stopped. */
export async function storedWalkForwardHtml(home: string, wanted: string): Promise<string> {
  const id = findWalkForward(home, wanted);
  const stored = loadWalkForward<WalkForwardDetails>(home, id);
  const { end, combinatorial } = stored;
  if (combinatorial !== null) return combinatorialReportHtml(combinatorialInput(stored, combinatorial));
  if (end !== null) return walkForwardReportHtml(walkForwardInput(stored, end));
  throw new GateError(
    'CHECK_FAILED',
    `walk-forward ${id} was stopped before its end; go on with "${resumeCommand('walkforward', { home, id })}"`,
    { walkForward: id },
  );
}

function sharedOf({ head }: Stored) {
  const { told, search, walkforward, dimensions, objective } = head.details;
  return {
    ...{ id: head.id, name: head.name, ...told, dimensions, objective },
    isSmallestBest: search.objective.startsWith('-'),
    settings: { search, walkforward } as unknown as Json,
    playhead: packageVersion(),
  };
}

function walkForwardInput(stored: Stored, end: NonNullable<Stored['end']>): WalkForwardReportInput {
  const { tests, metrics, initialCapitalQuote, daily, tStatistic, sharpeInterval, efficiency, walkForwardHash } = end;
  return {
    ...sharedOf(stored),
    scheme: stored.head.details.walkforward.scheme,
    folds: stored.choices.map(({ train, test, parameters, trainMetrics, keepsConstraints, trialCount, failedCount }, fold) => ({
      ...{ train, test, parameters, keepsConstraints, trialCount, failedCount },
      hasDecided: !Number.isNaN(tests[fold].tookOverMs),
      trainMetrics: metricsByName(trainMetrics),
      testMetrics: metricsByName(tests[fold].metrics),
    })),
    ...{ initialCapitalQuote, daily, tStatistic, sharpeInterval, efficiency, walkForwardHash },
    metrics: metricsByName(metrics),
  };
}

function combinatorialInput(stored: Stored, end: NonNullable<Stored['combinatorial']>): CombinatorialReportInput {
  return { ...sharedOf(stored), ...end };
}
