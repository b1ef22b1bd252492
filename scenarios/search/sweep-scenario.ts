/** Owns the way from a scenario file to a finished sweep: proposals, trials, checkpoint, trial ledger. Never prints. */
import { relative } from 'node:path';
import { createSweep, findSweep, loadSweepHead, SweepLog, saveSweepEnd } from '../../data/stores/sweep-store.ts';
import { appendToLedger, type LedgerMarket, ledgerHeads } from '../../data/stores/trial-ledger.ts';
import { hashTexts } from '../../engine/certificate.ts';
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import { seriesName } from '../../engine/model/bar.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { SweepReportInput } from '../../reports/index.ts';
import { readScenario } from '../read.ts';
import type { SearchSettings } from '../search-schema.ts';
import { type Course, type CourseInput, outcomeText, playCourse, type SearchTrial } from './course.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import { type Search, type SearchOptions, withSearch } from './search.ts';
import { requireSameSpec, type SpecParts, specPartsOf } from './search-spec.ts';

export interface SweepOptions extends SearchOptions {
  /** A sweep that was stopped: "last", its id or the start of it. */
  readonly resume?: string | undefined;
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
  /** By index; those of a sweep that was stopped have gaps. */
  readonly trials: readonly SearchTrial[];
  readonly totalCount: number;
  /** Closes of the last bar of each UTC day, the same for all trials. */
  readonly dayMs: Float64Array;
  /** Places in trials from the best on. */
  readonly order: readonly number[];
  /** Over the specification and every trial; '' where the sweep was stopped. */
  readonly sweepHash: string;
  /** Trials ever tried on these markets in these times, this sweep's included; distinct ones by their hashes. */
  readonly ledger: { readonly trialCount: number; readonly distinctCount: number; readonly entryCount: number };
  readonly elapsedMs: number;
}

/** What is kept with a sweep: enough to resume, to judge and to tell it. */
export interface SweepDetails {
  /** What its report says of it. */
  readonly told: Pick<SweepReportInput, 'strategyName' | 'series' | 'isSynthetic' | 'quoteCurrency'>;
  readonly scenarioPath: string;
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
}

/** Plays every trial of the scenario's search; once aborted it can be resumed. Numbers of threads, chunks and stops reach no result. */
export async function sweepScenario(path: string, options: SweepOptions): Promise<FinishedSweep> {
  const started = performance.now();
  const finished = await withSearch(readScenario(path, options.set ?? []), options, (search) => new Sweep(search).play(options.resume));
  return { ...finished, elapsedMs: performance.now() - started };
}

class Sweep {
  private readonly search: Search;
  /** What decides the trials, part by part, each as a hash. */
  private readonly parts: SpecParts;

  constructor(search: Search) {
    this.search = search;
    this.parts = specPartsOf(search);
  }

  async play(resume: string | undefined): Promise<Omit<FinishedSweep, 'elapsedMs'>> {
    const { home, proposals } = this.search;
    const head = resume === undefined ? this.create() : this.resumed(resume);
    const { log, ...before } = SweepLog.open(home, head.id);
    try {
      const progress = { before: before.trials.length, total: proposals.countMax };
      const onTrials: CourseInput['onTrials'] = (ended, dayMs) => log.append(ended, dayMs);
      return this.finish(head.id, await playCourse(this.search, { window: null, before, progress, onTrials }));
    } finally {
      log.close();
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
        told: this.told,
        scenarioPath: relative(home, read.path).replaceAll('\\', '/'),
        search: settings,
        parts: this.parts,
        market: this.market,
        initialCapitalQuote: account.initialCapital,
        periodsPerYear: metrics.periodsPerYear,
        riskFreeAnnual: metrics.riskFree,
      },
    });
  }

  /** GATE: what decides the trials must be what it was. */
  private resumed(wanted: string): { readonly id: string } {
    const { home } = this.search;
    const head = loadSweepHead<SweepDetails>(home, findSweep(home, wanted));
    requireSameSpec({ id: head.id, noun: 'sweep' }, { before: head.details.parts, now: this.parts });
    return head;
  }

  private get specHash(): string {
    return hashTexts('sweep spec 1', Object.values(this.parts));
  }

  private finish(id: string, { trials, dayMs, isWhole }: Course): Omit<FinishedSweep, 'elapsedMs'> {
    const { read, home, settings, strategyName, dimensions, proposals, ranking } = this.search;
    const totalCount = isWhole ? trials.length : proposals.countMax;
    const sweepHash = isWhole ? hashTexts('sweep 1', [this.specHash, ...trials.map(outcomeText)]) : '';
    if (isWhole) {
      this.record(id, trials, dayMs);
      const failed = trials.filter(({ failure }) => failure !== null).map(({ index, parameters }) => ({ index, parameters }));
      saveSweepEnd(home, id, { sweepHash, trialCount: totalCount, failed } satisfies SweepEnd);
    }
    return {
      ...{ id, home, name: read.scenario.name, search: settings, strategyName, dimensions, trials, dayMs, totalCount, sweepHash },
      objective: ranking.metric,
      order: ranking.order(trials),
      ledger: this.ledgerCounts(),
    };
  }

  private record(id: string, trials: readonly SearchTrial[], dayMs: Float64Array): void {
    const { prepared, strategyName, home } = this.search;
    const played = trials.filter(({ failure }) => failure === null);
    if (played.length > 0) appendToLedger(home, ledgerEntryOf({ id, prepared, strategyName, trials: played, dayMs }));
  }

  private get told(): SweepDetails['told'] {
    const { prepared, strategyName } = this.search;
    const { tapes, instruments, resolved } = prepared;
    return {
      strategyName,
      series: tapes.map(({ key }) => seriesName(key)),
      isSynthetic: tapes.some(({ isSynthetic }) => isSynthetic),
      quoteCurrency: resolved.account.currency ?? instruments[0].quoteCurrency,
    };
  }

  private get market(): LedgerMarket {
    const { series, window } = this.search.prepared.resolved;
    return { markets: series.map(({ venue, symbol }) => ({ venue, symbol })), fromMs: window.fromMs, toMs: window.toMs };
  }

  private ledgerCounts(): FinishedSweep['ledger'] {
    const heads = ledgerHeads(this.search.home, this.market);
    const hashes = heads.flatMap(({ trials }) => trials.map(({ trialHash }) => trialHash));
    return { trialCount: hashes.length, distinctCount: new Set(hashes).size, entryCount: heads.length };
  }
}
