/** Owns playing a whole sweep again on bars in random orders. Never prints, and adds nothing to the trial ledger: nobody could choose any of it. */
import { resolve } from 'node:path';
import { saveStudy } from '../../data/stores/sweep-studies.ts';
import { ConfigError } from '../../engine/errors.ts';
import type { Alteration } from '../../engine/optimiser/alteration.ts';
import { bestOfSearch, type PermutationTest, permutationTest, type SearchBest } from '../../engine/optimiser/permutation-test.ts';
import type { Proposals } from '../../engine/optimiser/proposals.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import { SearchSpace } from '../../engine/optimiser/search-space.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { homeFolder } from '../home.ts';
import { placed } from '../placed.ts';
import { finerKeys } from '../play-refined.ts';
import { readScenario } from '../read.ts';
import { type AlteredOutcome, type AlteredRunsOptions, type NextSets, withAlteredRuns } from './altered-runs.ts';
import { proposalsOf } from './search.ts';
import { requireSameSpec } from './search-spec.ts';
import { loadStoredSweep } from './stored-sweep.ts';

export interface PermuteOptions extends AlteredRunsOptions {
  readonly permutationCount: number;
}

/** What is found out, and kept beside the sweep: see data/stores/sweep-studies.ts. */
export interface PermutedSweep {
  readonly seed: number;
  readonly test: PermutationTest;
}

/**
 * Plays every search anew. Undefined where it was stopped. VERIFY_FAILED where what decides the sweep's trials is not what it was; CHECK_FAILED
 * and RUN_NOT_FOUND as of judging it.
 */
export async function permuteSweep(wanted: string, options: PermuteOptions): Promise<PermutedSweep | undefined> {
  const home = homeFolder(options.home);
  const { id, details, played } = loadStoredSweep(home, wanted);
  const read = readScenario(resolve(home, details.scenarioPath), [...(details.set ?? []), ...(options.set ?? [])]);
  const { search } = read.scenario;
  const { permutationCount, seed } = options;
  if (details.search.halving !== undefined)
    throw new ConfigError(
      'UNSUPPORTED',
      `sweep ${id} was halved, and only searches over the whole window can be permuted; sweep without search.halving`,
      {
        sweep: id,
      },
    );
  // How it ranks is the sweep's own, whatever the file says now.
  const ranking = new Ranking(details.search.objective, details.search.constraints);
  return withAlteredRuns(read, options, async ({ prepared, parts, strategy, play }) => {
    requireSameSpec(
      { id, noun: 'sweep', use: 'played again' },
      { before: details, now: { parts, search, set: [], strategyPath: read.strategyPath } },
    );
    // The sweep's own best would be one of fills that no permuted search can have.
    if (finerKeys(prepared.resolved).length > 0)
      throw new ConfigError(
        'UNSUPPORTED',
        `sweep ${id} decides bars in doubt with finer ones, which permuted bars do not have; sweep with fills.ambiguous: pessimistic`,
        { sweep: id },
      );
    const { name: strategyName, parameters: schema } = strategy;
    const begun = (): Proposals =>
      proposalsOf(new SearchSpace({ strategyName, schema, fixed: prepared.resolved.strategy.parameters, spec: search }), search);
    const { countMax } = await placed(read, async () => begun());
    const alterations = Array.from({ length: permutationCount }, (_, replicate): Alteration => ({ kind: 'permuted', replicate }));
    const outcomes = await play(alterations, { begin: () => nextSetsOf(begun(), ranking), setCountMax: countMax });
    const bests = outcomes.flatMap((one): SearchBest[] => (one === undefined ? [] : [bestOfSearch(one.map(metricsOf), ranking)]));
    if (bests.length < permutationCount) return undefined;
    const real = bestOfSearch(
      played.map(({ metrics }) => metrics),
      ranking,
    );
    const found = { seed, test: permutationTest(real, bests) };
    saveStudy(home, id, { study: 'permutations', document: found });
    return found;
  });
}

/** Each batch is proposed on what came of the ones before on the same bars, as the search itself would. */
function nextSetsOf(proposals: Proposals, ranking: Ranking): NextSets {
  const sets: ParameterValues[] = [];
  return (before) => {
    const ended = before.map(metricsOf).map((metrics, k) => ({
      parameters: sets[k],
      score: ranking.scoreOf(metrics),
      keepsConstraints: ranking.keepsConstraints(metrics),
    }));
    const next = proposals.next(ended);
    for (const set of next) sets.push(set);
    return next;
  };
}

/** To be printed as JSON: columns become lists. */
export function documentOf({ seed, test }: PermutedSweep): object {
  return { seed, test: { ...test, scores: [...test.scores] } };
}

function metricsOf(outcome: AlteredOutcome): Float64Array {
  return outcome instanceof Float64Array ? outcome : new Float64Array(0);
}
