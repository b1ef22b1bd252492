/** Owns telling apart why a stored run cannot be reproduced: differing inputs, differing engine, differing outputs. Never changes the run. */
import { openCatalogue } from '../data/catalogue.ts';
import type { CheckedQuality } from '../data/load-checked-tape.ts';
import { verifySegments } from '../data/load-tape.ts';
import { changedFiles, loadUnchecked, type StoredRun } from '../data/stores/run-store.ts';
import { certify, hashTape } from '../engine/certificate.ts';
import { PlayheadError } from '../engine/errors.ts';
import { seriesName } from '../engine/model/bar.ts';
import type { Certificate, RunResult } from '../engine/result.ts';
import type { StrategyBundle } from '../strategies/loader.ts';
import { checkExpectations, type Expectation } from './expectations.ts';
import { differenceIn, firstDifference } from './first-difference.ts';
import type { PlayOptions } from './play-in-worker.ts';
import { finerKeys, playPrepared } from './play-refined.ts';
import { bundleAt, type LoadedTapes, loadTapes, type PreparedRun } from './prepare.ts';
import { scenarioHash, sourceKeyOf } from './resolve.ts';
import type { RunDetails } from './run-scenario.ts';

/** What differs: something the run was made from, the program that made it, or what came out. */
export type FindingKind = 'inputs' | 'engine' | 'outputs';

export interface VerifyFinding {
  readonly kind: FindingKind;
  readonly text: string;
}

export interface Verification {
  readonly id: string;
  readonly runHash: string;
  /** Empty where the run is reproduced. */
  readonly findings: readonly VerifyFinding[];
  /** True where the run was played again. */
  readonly isReplayed: boolean;
}

type Report = (kind: FindingKind, text: string) => void;

/** Checks the stored bytes, the inputs, and plays the run again. RUN_CORRUPT only where not even its head can be read. */
export async function verifyRun(home: string, id: string, options: PlayOptions): Promise<Verification> {
  const findings: VerifyFinding[] = [];
  const report: Report = (kind, text) => findings.push({ kind, text });
  for (const { file, text } of changedFiles(home, id)) report('outputs', `${file} ${text}`);
  const stored = readStored(home, id, report);
  if (stored === undefined) return { id, runHash: '', findings, isReplayed: false };
  checkStored(stored, report);
  const bundle = await checkStrategy(home, stored, report);
  const loaded = await checkTapes(home, stored, report);
  const isReplayed = bundle !== undefined && loaded !== undefined;
  if (isReplayed) {
    const { resolved, strategy } = stored.details;
    await compareReplay(stored, { ...loaded, resolved, bundle, strategyPlace: strategy.place }, { home, options, report });
  }
  return { id, runHash: stored.result.certificate.runHash, findings, isReplayed };
}

function readStored(home: string, id: string, report: Report): StoredRun<RunDetails> | undefined {
  try {
    return loadUnchecked<RunDetails>(home, id);
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    report('outputs', `${error.message} (${error.code})`);
    return undefined;
  }
}

const hashedOutputs = {
  ordersHash: 'orders',
  fillsHash: 'fills',
  equityHash: 'equity',
  dailyHash: 'daily equity',
  metricsHash: 'metrics',
  trialHash: 'trial',
  runHash: 'certificate',
} as const;

/** The stored outputs and scenario against the stored certificate. */
function checkStored({ result, details }: StoredRun<RunDetails>, report: Report): void {
  const { certificate } = result;
  const again = certify({
    ...certificate,
    orders: result.orders,
    fills: result.fills,
    equity: result.equity,
    daily: result.daily,
    metrics: result.metrics,
  });
  for (const [name, what] of Object.entries(hashedOutputs)) {
    const hash = name as keyof Certificate;
    if (again[hash] !== certificate[hash])
      report('outputs', `stored ${what}: hash is ${short(again[hash])}, the certificate says ${short(certificate[hash])}`);
  }
  const scenario = scenarioHash(details.resolved, result.parameters);
  if (scenario !== certificate.scenarioHash)
    report('inputs', `stored scenario: hash is ${short(scenario)}, the certificate says ${short(certificate.scenarioHash)}`);
}

/** The strategy's sources as they are now; each that differs is named. */
async function checkStrategy(
  home: string,
  { result, details }: StoredRun<RunDetails>,
  report: Report,
): Promise<StrategyBundle | undefined> {
  const { place, sources, packages } = details.strategy;
  let bundle: StrategyBundle;
  try {
    bundle = await bundleAt(place, home);
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    report('inputs', `strategy: ${error.message}`);
    return undefined;
  }
  if (bundle.strategyHash === result.certificate.strategyHash) return bundle;
  const now = new Map(bundle.sources.map((source) => [source.path, source.sha256]));
  const before = new Map(sources.map((source) => [source.path, source.sha256]));
  for (const [path, hash] of before) {
    if (!now.has(path)) report('inputs', `strategy source ${path} is no longer imported`);
    else if (now.get(path) !== hash)
      report('inputs', `strategy source ${path} was changed: hash is ${short(now.get(path))}, was ${short(hash)}`);
  }
  for (const path of now.keys()) if (!before.has(path)) report('inputs', `strategy source ${path} is new`);
  const packageText = (list: typeof packages): string => list.map((one) => `${one.name}@${one.version}`).join(', ') || 'none';
  if (JSON.stringify(bundle.packages) !== JSON.stringify(packages))
    report('inputs', `strategy packages are ${packageText(bundle.packages)}, were ${packageText(packages)}`);
  return bundle;
}

/** Segments against their manifests, then the tape against the certificate. */
async function checkTapes(home: string, { result, details }: StoredRun<RunDetails>, report: Report): Promise<LoadedTapes | undefined> {
  const catalogue = openCatalogue(home);
  let isSound = true;
  // Several series may be made from one that is stored.
  const keys = [...[...details.resolved.series, ...details.resolved.conversions].map(sourceKeyOf), ...finerKeys(details.resolved)];
  const sources = new Map(keys.map((key) => [seriesName(key), key]));
  for (const key of sources.values()) {
    try {
      verifySegments(catalogue, key);
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      report('inputs', `tape ${seriesName(key)}: ${error.message}`);
      isSound = false;
    }
  }
  if (!isSound) return undefined;
  try {
    const loaded = await loadTapes(catalogue, details.resolved);
    const { refineWith, window } = details.resolved;
    const tapes = [...loaded.tapes, ...loaded.conversions.map(({ tape }) => tape)];
    // With finer bars the tape is known once the run has been played again.
    const hash = refineWith === undefined ? hashTape(tapes, window.toMs) : result.certificate.tapeHash;
    if (hash !== result.certificate.tapeHash) reportTape(hash, result.certificate, report);
    return loaded;
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    report('inputs', `tape: ${error.message}`);
    return undefined;
  }
}

function reportTape(hash: string, certificate: Certificate, report: Report): void {
  report('inputs', `tape: hash is ${short(hash)}, the certificate says ${short(certificate.tapeHash)}; the catalogue holds other bars now`);
}

/** Plays again and names the first record that differs. What follows from differing inputs or engine is said to. */
async function compareReplay(
  stored: StoredRun<RunDetails>,
  prepared: PreparedRun,
  { home, options, report }: { home: string; options: PlayOptions; report: Report },
): Promise<void> {
  let again: RunResult;
  try {
    again = await playPrepared(prepared, home, { ...options, isMute: true });
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    report('outputs', `played again, the run ended with ${error.code}: ${error.message}`);
    return;
  }
  const { certificate } = stored.result;
  if (again.certificate.engineHash !== certificate.engineHash) {
    report(
      'engine',
      `engine build is ${short(again.certificate.engineHash)}, was ${short(certificate.engineHash)} (playhead ${stored.details.versions.playhead}, Node ${stored.details.versions.node})`,
    );
  }
  if (prepared.resolved.refineWith !== undefined && again.certificate.tapeHash !== certificate.tapeHash)
    reportTape(again.certificate.tapeHash, certificate, report);
  const difference = firstDifference(stored.result, again) ?? detailsDifference(stored.details, prepared, again);
  if (difference !== undefined) report('outputs', `played again, ${difference}`);
}

/** What was said of the bars and of the expectations. Their words may change between versions, what they say may not. */
function detailsDifference(stored: RunDetails, prepared: PreparedRun, again: RunResult): string | undefined {
  const factsOf = ({ issues, gaps: _gaps, ...counts }: CheckedQuality): object => ({
    ...counts,
    issues: issues.map(({ kind, policy, count }) => ({ kind, policy, count })),
  });
  const outcomesOf = (expectations: readonly Expectation[]): object => expectations.map(({ name, isMet }) => ({ name, isMet }));
  return (
    differenceIn('quality', stored.quality.map(factsOf), prepared.quality.map(factsOf)) ??
    differenceIn('expectations', outcomesOf(stored.expectations), outcomesOf(checkExpectations(stored.resolved.expect, again)))
  );
}

function short(hash: unknown): string {
  return typeof hash === 'string' ? hash.slice(0, 12) : 'missing';
}
