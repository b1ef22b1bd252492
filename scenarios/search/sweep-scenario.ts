/** Owns the way from a scenario file to a finished sweep: proposals, trials, checkpoint, trial ledger. Never prints. */
import { relative } from 'node:path';
import { createSweep, findSweep, loadSweepHead, type StoredTrial, SweepLog, saveSweepEnd } from '../../data/stores/sweep-store.ts';
import { appendToLedger, readLedger } from '../../data/stores/trial-ledger.ts';
import { hashTexts } from '../../engine/certificate.ts';
import { GateError } from '../../engine/errors.ts';
import type { Proposer } from '../../engine/optimiser/proposals.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import type { SearchSpace } from '../../engine/optimiser/search-space.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { canonicalJson } from '../canonical-json.ts';
import { engineHash } from '../engine-hash.ts';
import { homeFolder } from '../home.ts';
import { placed } from '../placed.ts';
import { type PreparedRun, prepareScenario } from '../prepare.ts';
import { type ReadScenario, readScenario } from '../read.ts';
import { scenarioHash } from '../resolve.ts';
import type { SearchSettings } from '../search-schema.ts';
import { columnBytesOf, defaultBudgetBytes, poolDataOf, proposerOf, spaceOf } from './assembly.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import { SearchPlayer } from './play-search.ts';
import { SearchPool } from './pool.ts';
import type { SearchWorkerData, StrategyFacts, TrialAnswer } from './protocol.ts';

export interface SweepOptions {
  readonly home?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly jobs: number;
  /** A sweep that was stopped: "last", its id or the start of it. */
  readonly resume?: string | undefined;
  readonly trialTimeLimitMs?: number | undefined;
  /** Memory for indicator columns that trials share; default 256 MiB. */
  readonly columnBudgetBytes?: number | undefined;
  readonly chunkMax?: number | undefined;
  readonly onProgress?: ((endedCount: number, totalCount: number) => void) | undefined;
  /** Once it is aborted, trials under way are played to their end, and the sweep can be resumed. */
  readonly signal?: AbortSignal | undefined;
}

export interface SweepTrial extends StoredTrial {
  readonly parameters: ParameterValues;
}

export interface FinishedSweep {
  readonly id: string;
  readonly home: string;
  readonly name: string;
  readonly search: SearchSettings;
  readonly strategyName: string;
  /** Names of the parameters that vary. */
  readonly dimensions: readonly string[];
  /** By index; those of a sweep that was stopped have gaps. */
  readonly trials: readonly SweepTrial[];
  readonly totalCount: number;
  /** Places in trials from the best on. */
  readonly order: readonly number[];
  /** Over the specification and every trial; '' where the sweep was stopped. */
  readonly sweepHash: string;
  /** Trials ever tried on these markets in these times, this sweep's included; distinct ones by their hashes. */
  readonly ledger: { readonly trialCount: number; readonly distinctCount: number; readonly entryCount: number };
  readonly elapsedMs: number;
}

/** What is kept with a sweep: enough to resume and to judge it. */
export interface SweepDetails {
  readonly scenarioPath: string;
  readonly search: SearchSettings;
  readonly parts: Readonly<Record<string, string>>;
  readonly market: {
    readonly markets: readonly { readonly venue: string; readonly symbol: string }[];
    readonly fromMs: number;
    readonly toMs: number;
  };
  readonly initialCapitalQuote: number;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
}

/** Plays every trial of the scenario's search. Numbers of threads, chunks and stops reach no result. */
export async function sweepScenario(path: string, options: SweepOptions): Promise<FinishedSweep> {
  const started = performance.now();
  const home = homeFolder(options.home);
  const read = readScenario(path, options.set ?? []);
  const prepared = await placed(read, () => prepareScenario(read, home));
  const data = await poolDataOf(prepared, home);
  const pool = new SearchPool(data, { jobs: options.jobs, trialTimeLimitMs: options.trialTimeLimitMs ?? 600_000 });
  const stop = (): void => pool.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const strategy = await pool.describe();
    const sweep = await placed(read, async () => new Sweep({ read, prepared, strategy, tapeHash: data.tapeHash, home }));
    const finished = await sweep.play(pool, data, options);
    return { ...finished, elapsedMs: performance.now() - started };
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

interface SweepInput {
  readonly read: ReadScenario;
  readonly prepared: PreparedRun;
  readonly strategy: StrategyFacts;
  readonly tapeHash: string;
  readonly home: string;
}

class Sweep {
  private readonly input: SweepInput;
  private readonly search: SearchSettings;
  private readonly space: SearchSpace;
  private readonly proposer: Proposer;
  private readonly ranking: Ranking;
  /** What decides the trials, part by part, each as a hash. */
  private readonly parts: Readonly<Record<string, string>>;

  constructor(input: SweepInput) {
    const { read, prepared, strategy, tapeHash } = input;
    this.input = input;
    this.search = read.scenario.search;
    this.space = spaceOf(strategy, prepared, this.search);
    this.proposer = proposerOf(this.space, this.search);
    this.ranking = new Ranking(this.search.objective, this.search.constraints);
    const { method, trials, seed, parameters, where } = this.search;
    const drawn = method === 'grid' ? {} : { trials, seed };
    this.parts = {
      search: hashTexts('search 1', [canonicalJson({ method, ...drawn, parameters, where })]),
      scenario: scenarioHash(prepared.resolved, prepared.resolved.strategy.parameters),
      strategy: prepared.bundle.strategyHash,
      bars: tapeHash,
      engine: engineHash(),
    };
  }

  async play(pool: SearchPool, data: SearchWorkerData, options: SweepOptions): Promise<Omit<FinishedSweep, 'elapsedMs'>> {
    const { home } = this.input;
    const { trialCount } = this.proposer;
    const head = options.resume === undefined ? this.create() : this.resumed(options.resume);
    const { log, trials: before, dayMs: daysBefore } = SweepLog.open(home, head.id);
    const trials = new Map<number, StoredTrial>(before.map((trial) => [trial.index, trial]));
    let dayMs: Float64Array = daysBefore;
    const report = (): void => options.onProgress?.(before.length + Atomics.load(data.control, 1), trialCount);
    const ticker = setInterval(report, 100);
    try {
      const sets = this.proposer.propose(0, trialCount, []).map((parameters, index) => ({ index, parameters }));
      const player = new SearchPlayer({
        pool,
        jobs: options.jobs,
        columnBytes: columnBytesOf(this.input.prepared),
        budgetBytes: options.columnBudgetBytes ?? defaultBudgetBytes,
        chunkMax: options.chunkMax ?? Number.POSITIVE_INFINITY,
        isStopped: () => options.signal?.aborted === true,
      });
      await player.play({
        sets: sets.filter(({ index }) => !trials.has(index)),
        window: null,
        onTrials: (ended, days) => {
          if (days.length > 0) dayMs = days;
          const stored = ended.map(({ index, answer }) => storedTrial(index, answer));
          for (const trial of stored) trials.set(trial.index, trial);
          log.append(stored, dayMs);
        },
      });
      report();
      const ended = sets.flatMap(({ index, parameters }) => {
        const trial = trials.get(index);
        return trial === undefined ? [] : [{ ...trial, parameters }];
      });
      return this.finish(head.id, ended, dayMs);
    } finally {
      clearInterval(ticker);
      log.close();
    }
  }

  private create(): { readonly id: string } {
    const { read, home, prepared } = this.input;
    const { account, metrics } = prepared.resolved;
    return createSweep<SweepDetails>(home, {
      createdAtMs: Date.now(),
      name: read.scenario.name,
      specHash: this.specHash,
      details: {
        scenarioPath: relative(home, read.path).replaceAll('\\', '/'),
        search: this.search,
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
    const { home } = this.input;
    const head = loadSweepHead<SweepDetails>(home, findSweep(home, wanted));
    const changed = Object.keys(this.parts).filter((part) => head.details.parts[part] !== this.parts[part]);
    if (changed.length > 0)
      throw new GateError(
        'VERIFY_FAILED',
        `sweep ${head.id} cannot be resumed: ${changed.join(', ')} changed since it began; begin a new one`,
        {
          sweep: head.id,
        },
      );
    return head;
  }

  private get specHash(): string {
    return hashTexts('sweep spec 1', Object.values(this.parts));
  }

  private finish(id: string, trials: readonly SweepTrial[], dayMs: Float64Array): Omit<FinishedSweep, 'elapsedMs'> {
    const { read, strategy, home } = this.input;
    const totalCount = this.proposer.trialCount;
    const isWhole = trials.length === totalCount;
    const sweepHash = isWhole ? hashTexts('sweep 1', [this.specHash, ...trials.map(outcomeText)]) : '';
    if (isWhole) {
      this.record(id, trials, dayMs);
      saveSweepEnd(home, id, { sweepHash, trialCount: totalCount });
    }
    return {
      id,
      home,
      name: read.scenario.name,
      search: this.search,
      strategyName: strategy.name,
      dimensions: this.space.dimensions.map(({ name }) => name),
      trials,
      totalCount,
      order: this.ranking.order(trials),
      sweepHash,
      ledger: this.ledgerCounts(),
    };
  }

  private record(id: string, trials: readonly SweepTrial[], dayMs: Float64Array): void {
    const { prepared, strategy, home } = this.input;
    const played = trials.filter(({ failure }) => failure === null);
    if (played.length > 0) appendToLedger(home, ledgerEntryOf({ id, prepared, strategyName: strategy.name, trials: played, dayMs }));
  }

  private get market(): { markets: { venue: string; symbol: string }[]; fromMs: number; toMs: number } {
    const { series, window } = this.input.prepared.resolved;
    return { markets: series.map(({ venue, symbol }) => ({ venue, symbol })), fromMs: window.fromMs, toMs: window.toMs };
  }

  private ledgerCounts(): FinishedSweep['ledger'] {
    const entries = readLedger(this.input.home, this.market);
    const hashes = entries.flatMap(({ head }) => head.trials.map(({ trialHash }) => trialHash));
    return { trialCount: hashes.length, distinctCount: new Set(hashes).size, entryCount: entries.length };
  }
}

function storedTrial(index: number, { trialHash, metrics, dailyQuote, ambiguousBarCount, error }: TrialAnswer): StoredTrial {
  const failure = error === null ? null : { code: error.code === '' ? 'INTERNAL' : error.code, message: error.message };
  return { index, trialHash, metrics, dailyQuote, ambiguousBarCount, failure };
}

/** A trial's part of the sweep's hash: its own, or the code it failed with. */
function outcomeText({ trialHash, failure }: StoredTrial): string {
  return failure === null ? trialHash : `failed ${failure.code}`;
}
