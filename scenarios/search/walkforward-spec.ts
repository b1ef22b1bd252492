/** Owns what a walk-forward was asked: begun under the home folder, or gone on with where it is still the same. Never plays. */
import { relative } from 'node:path';
import type { LedgerMarket } from '../../data/stores/trial-ledger.ts';
import { createWalkForward, findWalkForward, loadWalkForward } from '../../data/stores/walkforward-store.ts';
import { hashTexts } from '../../engine/certificate.ts';
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import type { BegunWith } from './resumed.ts';
import type { Search } from './search.ts';
import { requireSameSpec, type SpecParts, specPartsOf } from './search-spec.ts';
import { marketOf, type Told, toldOf } from './told.ts';
import type { FoldWindows } from './walkforward-windows.ts';

/** What is kept with a walk-forward: enough to resume it and to show it. */
export interface WalkForwardDetails extends BegunWith {
  /** What its report says of it. */
  readonly told: Told;
  readonly strategyName: string;
  /** Names of the parameters that vary. */
  readonly dimensions: readonly string[];
  /** The metric that ranks. */
  readonly objective: MetricName;
  readonly search: SearchSettings;
  readonly walkforward: WalkForwardSettings;
  /** In time order; none of scheme combinatorial. */
  readonly folds: readonly FoldWindows[];
  readonly parts: SpecParts;
  readonly market: LedgerMarket;
  readonly initialCapitalQuote: number;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
}

export class WalkForwardSpec {
  private readonly search: Search;
  private readonly settings: WalkForwardSettings;
  private readonly set: readonly string[];
  private readonly parts: SpecParts;

  constructor(search: Search, settings: WalkForwardSettings, set: readonly string[]) {
    const { objective, constraints } = search.settings;
    this.search = search;
    this.settings = settings;
    this.set = set;
    this.parts = {
      ...specPartsOf(search),
      choice: hashTexts('choice 1', [canonicalJson({ objective, constraints })]),
      walkforward: hashTexts('schedule 1', [canonicalJson(settings)]),
    };
  }

  /** Of everything that decides the result. */
  get hash(): string {
    return hashTexts('walk-forward spec 1', Object.values(this.parts));
  }

  /** The id of a new one, or of one that was stopped. GATE: what decides the results must be what it was. */
  begin(resume: string | undefined, folds: readonly FoldWindows[]): string {
    return resume === undefined ? this.create(folds) : this.resumed(resume);
  }

  private create(folds: readonly FoldWindows[]): string {
    const { read, home, prepared, settings, strategyName, dimensions, ranking } = this.search;
    const { account, metrics } = prepared.resolved;
    const { id } = createWalkForward<WalkForwardDetails>(home, {
      createdAtMs: Date.now(),
      name: read.scenario.name,
      specHash: this.hash,
      details: {
        scenarioPath: relative(home, read.path).replaceAll('\\', '/'),
        set: this.set,
        told: toldOf(this.search),
        ...{ strategyName, dimensions, objective: ranking.metric },
        ...{ search: settings, walkforward: this.settings, folds, parts: this.parts, market: marketOf(prepared) },
        initialCapitalQuote: account.initialCapital,
        periodsPerYear: metrics.periodsPerYear,
        riskFreeAnnual: metrics.riskFree,
      },
    });
    return id;
  }

  private resumed(wanted: string): string {
    const { home, settings: search, read } = this.search;
    const { head } = loadWalkForward<WalkForwardDetails>(home, findWalkForward(home, wanted));
    const { parts, set } = this;
    const now = { parts, search, set, walkforward: this.settings, strategyPath: read.strategyPath };
    requireSameSpec({ id: head.id, noun: 'walk-forward' }, { before: head.details, now });
    return head.id;
  }
}
