/** Owns the way from a scenario file to a finished sweep: proposals, trials, checkpoint, trial ledger. Never prints. */
import { relative } from 'node:path';
import type { SearchHead } from '../../data/stores/search-folder.ts';
import { createSweep, findSweep, loadSweepHead, SweepLog, saveSweepEnd } from '../../data/stores/sweep-store.ts';
import { appendToLedger, type LedgerMarket, ledgerHeads } from '../../data/stores/trial-ledger.ts';
import { hashTexts } from '../../engine/certificate.ts';
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import { judgePlateau, type PlateauReport } from '../../engine/optimiser/plateau.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { homeFolder } from '../home.ts';
import { readScenario } from '../read.ts';
import type { SearchSettings } from '../search-schema.ts';
import { type Course, outcomeText, playCount, playCourse, type Rung, type SearchTrial } from './course.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import { type BegunWith, readBegun } from './resumed.ts';
import { type Search, type SearchOptions, withSearch } from './search.ts';
import { requireSameSpec, type SpecParts, specPartsOf } from './search-spec.ts';
import { marketOf, type Told, toldOf } from './told.ts';

export interface SweepOptions extends SearchOptions {
  /** A sweep that was stopped: "last", its id or the start of it. */
  readonly resume?: string | undefined;
  /** Told before the first trial how many there are at most, in all rungs, and how many of them were played before. */
  readonly onBegun?: ((told: { readonly totalCount: number; readonly playedCount: number }) => void) | undefined;
}

export interface FinishedSweep {
  readonly id: string;
  readonly home: string;
  readonly name: string;
  readonly search: SearchSettings;
  readonly strategyName: string;
  /** Names of the parameters that vary. */
  readonly dimensions: readonly string[];
  /** The metric that ranks. */
  readonly objective: MetricName;
  /** By index; those of a sweep that was stopped have gaps, as have those that halving left for the whole window. */
  readonly trials: readonly SearchTrial[];
  /** Rungs of halving that played parts of the window. */
  readonly shorter: readonly Rung[];
  /** Trials that have ended, of so many, in all rungs. */
  readonly playedCount: number;
  readonly totalCount: number;
  /** Closes of the last bar of each UTC day, the same for all trials. */
  readonly dayMs: Float64Array;
  /** Places in trials from the best on. */
  readonly order: readonly number[];
  /** By place in trials. */
  readonly keepsConstraints: readonly boolean[];
  /** How the best stands among its neighbours; null where it has no finite score. */
  readonly plateau: PlateauReport | null;
  /** Over the specification and every trial; '' where the sweep was stopped. */
  readonly sweepHash: string;
  /** Trials ever tried on these markets in these times, this sweep's included; distinct ones by their hashes. */
  readonly ledger: { readonly trialCount: number; readonly distinctCount: number; readonly entryCount: number };
  readonly elapsedMs: number;
}

/** What is kept with a sweep: enough to resume, to judge and to tell it. */
export interface SweepDetails extends BegunWith {
  /** What its report says of it. */
  readonly told: Told;
  readonly search: SearchSettings;
  readonly parts: SpecParts;
  readonly market: LedgerMarket;
  readonly initialCapitalQuote: number;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
}

/** What came of a finished sweep. */
export interface SweepEnd {
  readonly sweepHash: string;
  readonly trialCount: number;
  /** What failed trials were: the ledger knows the others. */
  readonly failed: readonly { readonly index: number; readonly parameters: ParameterValues }[];
  /** Absent from sweeps of before there was one. */
  readonly plateau?: PlateauReport | null;
}

/**
 * Plays every trial of the scenario's search; once aborted it can be resumed. Numbers of threads, chunks and stops reach no result. path: of one
 * that is resumed, undefined for its own; so are its overrides where none are given.
 */
export async function sweepScenario(path: string | undefined, options: SweepOptions): Promise<FinishedSweep> {
  const started = performance.now();
  const { resume, set = [] } = options;
  const home = homeFolder(options.home);
  const head = resume === undefined ? undefined : loadSweepHead<SweepDetails>(home, findSweep(home, resume));
  const read = head === undefined ? readScenario(path ?? 'scenario.yaml', set) : readBegun(home, head.details, { path, set });
  const finished = await withSearch(read, options, (search) => new Sweep(search, set).play(head, options.onBegun));
  return { ...finished, elapsedMs: performance.now() - started };
}

class Sweep {
  private readonly search: Search;
  private readonly set: readonly string[];
  /** What decides the trials, part by part, each as a hash. */
  private readonly parts: SpecParts;

  constructor(search: Search, set: readonly string[]) {
    this.search = search;
    this.set = set;
    this.parts = specPartsOf(search);
  }

  /** head: of one that was begun before. */
  async play(begun: SearchHead<SweepDetails> | undefined, onBegun: SweepOptions['onBegun']): Promise<Omit<FinishedSweep, 'elapsedMs'>> {
    const { home, settings } = this.search;
    const head = begun === undefined ? this.create() : this.resumed(begun);
    const shorterCount = (settings.halving?.rungs ?? 1) - 1;
    const rungs = Array.from({ length: shorterCount + 1 }, (_, k) => SweepLog.open(home, head.id, k < shorterCount ? k + 1 : null));
    try {
      const before = rungs.reduce((sum, { trials }) => sum + trials.length, 0);
      const total = playCount(this.search);
      onBegun?.({ totalCount: total, playedCount: before });
      const course = await playCourse(this.search, {
        window: null,
        progress: { before, total },
        before: (rung) => rungs[rung],
        onTrials: (rung, ended, dayMs) => rungs[rung].log.append(ended, dayMs),
      });
      return this.finish(head.id, course);
    } finally {
      for (const { log } of rungs) log.close();
    }
  }

  private create(): { readonly id: string } {
    const { read, home, prepared, settings } = this.search;
    const { account, metrics } = prepared.resolved;
    return createSweep<SweepDetails>(home, {
      createdAtMs: Date.now(),
      name: read.scenario.name,
      specHash: this.specHash,
      details: {
        told: toldOf(this.search),
        scenarioPath: relative(home, read.path).replaceAll('\\', '/'),
        set: this.set,
        search: settings,
        parts: this.parts,
        market: marketOf(this.search.prepared),
        initialCapitalQuote: account.initialCapital,
        periodsPerYear: metrics.periodsPerYear,
        riskFreeAnnual: metrics.riskFree,
      },
    });
  }

  /** GATE: what decides the trials must be what it was. */
  private resumed(head: SearchHead<SweepDetails>): { readonly id: string } {
    const { settings, read } = this.search;
    const now = { parts: this.parts, search: settings, set: this.set, strategyPath: read.strategyPath };
    requireSameSpec({ id: head.id, noun: 'sweep' }, { before: head.details, now });
    return head;
  }

  private get specHash(): string {
    return hashTexts('sweep spec 1', Object.values(this.parts));
  }

  private finish(id: string, { shorter, whole, isEnded }: Course): Omit<FinishedSweep, 'elapsedMs'> {
    const { read, home, settings, strategyName, dimensions, axes, ranking } = this.search;
    const { trials, dayMs } = whole;
    const played = [...shorter, whole];
    const playedCount = played.reduce((sum, rung) => sum + rung.trials.length, 0);
    const totalCount = isEnded ? playedCount : playCount(this.search);
    const sweepHash = isEnded ? hashTexts('sweep 1', [this.specHash, ...played.flatMap((rung) => rung.trials.map(outcomeText))]) : '';
    // Of a halved search most neighbours were given up before the whole window: what is left of them are the good ones.
    const plateau = settings.halving === undefined ? judgePlateau(trials, axes, ranking) : null;
    if (isEnded) {
      shorter.forEach((rung, k) => {
        this.record(`${id}-rung-${k + 1}`, rung);
      });
      this.record(id, whole);
      const failed = played.flatMap((rung) => rung.trials.filter(({ failure }) => failure !== null));
      const told = failed.map(({ index, parameters }) => ({ index, parameters }));
      saveSweepEnd(home, id, { sweepHash, trialCount: totalCount, failed: told, plateau } satisfies SweepEnd);
    }
    return {
      ...{ id, home, name: read.scenario.name, search: settings, strategyName, dimensions, trials, dayMs, shorter },
      ...{ playedCount, totalCount, plateau, sweepHash },
      objective: ranking.metric,
      order: ranking.order(trials),
      keepsConstraints: trials.map(({ metrics }) => ranking.keepsConstraints(metrics)),
      ledger: this.ledgerCounts(),
    };
  }

  /** Every trial counts, with the time it was played on. */
  private record(id: string, { window, trials, dayMs }: Rung): void {
    const { prepared, strategyName, home } = this.search;
    const played = trials.filter(({ failure }) => failure === null);
    if (played.length > 0) appendToLedger(home, ledgerEntryOf({ id, prepared, strategyName, trials: played, dayMs, window }));
  }

  private ledgerCounts(): FinishedSweep['ledger'] {
    const heads = ledgerHeads(this.search.home, marketOf(this.search.prepared));
    const hashes = heads.flatMap(({ trials }) => trials.map(({ trialHash }) => trialHash));
    return { trialCount: hashes.length, distinctCount: new Set(hashes).size, entryCount: heads.length };
  }
}
