/** Owns the way from a scenario or a stored run to what the rules of another engine make of it. Never decides what differs (engine/explain does), never stores. */
import { statSync } from 'node:fs';
import { openCatalogue } from '../data/catalogue.ts';
import { findRun, loadRun } from '../data/stores/run-store.ts';
import { ConfigError, GateError } from '../engine/errors.ts';
import type { Explanation, PlayedExplanation } from '../engine/explain/index.ts';
import { nearest } from '../engine/nearest.ts';
import type { Certificate } from '../engine/result.ts';
import { type SemanticsRule, semanticsRules } from '../engine/semantics-words.ts';
import { type Semantics, type SemanticsProfile, semanticsProfiles } from '../engine/settings.ts';
import { homeFolder } from './home.ts';
import { placed } from './placed.ts';
import { explainInWorker } from './play-in-worker.ts';
import { finerKeys, loadFiner } from './play-refined.ts';
import { bundleAt, loadTapes, type PreparedRun, prepareScenario } from './prepare.ts';
import { type ReadScenario, readScenario } from './read.ts';
import type { RunDetails } from './run-scenario.ts';

export interface ExplainOptions {
  /** Whose rules stand against the scenario's own: all of them, whatever the scenario itself states of fills and the end of the run. */
  readonly against: SemanticsProfile;
  /** Rules that stay as the scenario has them. */
  readonly without?: readonly string[] | undefined;
  /** Folder of catalogue and runs; default: see homeFolder. */
  readonly home?: string | undefined;
  /** Overrides as on the command line; a stored run takes none. */
  readonly set?: readonly string[] | undefined;
  /** Default 600,000, for each run. */
  readonly timeLimitMs?: number | undefined;
  /** Runs played, the one under way as a fraction, and runs in all. */
  readonly onProgress?: ((playedCount: number, runCount: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ScenarioExplanation extends Explanation {
  /** Of the scenario; of a stored run with its id. */
  readonly name: string;
  readonly own: string;
  readonly against: string;
  /** Rules in which the profile was not followed. */
  readonly without: readonly SemanticsRule[];
  readonly quoteCurrency: string;
  /** Hashes of the two runs: that of the scenario, and that under all rules of the profile. */
  readonly runHash: string;
  readonly runHashAfter: string;
}

/** scenarioOrRun: a file, or as findRun takes it. Plays once under the own rules, then once behind each rule that differs. */
export async function explainScenario(scenarioOrRun: string, options: ExplainOptions): Promise<ScenarioExplanation> {
  const profile = profileNamed(options.against);
  const without = (options.without ?? []).map((name) => namedOf(name, semanticsRules, '--without'));
  const home = homeFolder(options.home);
  const source = isScenario(scenarioOrRun) ? await fromScenario(scenarioOrRun, home, options) : await fromRun(scenarioOrRun, home, options);
  const { prepared, read } = source;
  const theirs = following(profile, prepared.resolved.semantics, without);
  const finer = await loadFiner(finerKeys(prepared.resolved), home);
  const { timeLimitMs = 600_000, onProgress, signal } = options;
  const play = (): Promise<PlayedExplanation> =>
    explainInWorker({ ...prepared, finer }, { against: theirs }, { timeLimitMs, onProgress, signal, isMute: true });
  const { certificate, certificateAfter, ...explanation } = await (read === undefined ? play() : placed(read, play));
  source.check(certificate);
  return {
    name: source.name,
    own: prepared.resolved.semantics.profile,
    against: theirs.profile,
    without,
    runHash: certificate.runHash,
    runHashAfter: certificateAfter.runHash,
    ...explanation,
  };
}

interface Source {
  readonly name: string;
  readonly prepared: PreparedRun;
  /** Undefined for a stored run. */
  readonly read?: ReadScenario;
  /** Given the run under the own rules; throws where that is not the one meant. */
  check(own: Certificate): void;
}

function profileNamed(name: string): Semantics {
  return semanticsProfiles[namedOf(name, Object.keys(semanticsProfiles) as SemanticsProfile[], '--against')];
}

function namedOf<Name extends string>(name: string, names: readonly Name[], option: string): Name {
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new ConfigError('USAGE', `${option}: was "${name}", expected one of ${names.join(', ')}${hint}`, { option });
}

/** Their rules, but for those that stay ours. */
function following(theirs: Semantics, ours: Semantics, without: readonly SemanticsRule[]): Semantics {
  return { ...theirs, ...Object.fromEntries(without.map((rule) => [rule, ours[rule]])) };
}

/** A file of that name, or a name that only a file can have. */
function isScenario(text: string): boolean {
  return /\.(ya?ml|json)$/i.test(text) || statSync(text, { throwIfNoEntry: false })?.isFile() === true;
}

async function fromScenario(path: string, home: string, { set }: ExplainOptions): Promise<Source> {
  const read = readScenario(path, [...(set ?? [])]);
  const prepared = await placed(read, () => prepareScenario(read, home));
  return { name: prepared.resolved.name, prepared, read, check: () => {} };
}

async function fromRun(wanted: string, home: string, { set }: ExplainOptions): Promise<Source> {
  if ((set ?? []).length > 0)
    throw new ConfigError('USAGE', `--set: "${wanted}" is a stored run, which stays as it is; give the scenario`, { option: '--set' });
  const id = findRun(home, wanted);
  const { result, details } = loadRun<RunDetails>(home, id);
  const { resolved, strategy } = details;
  const bundle = await bundleAt(strategy.place, home);
  const loaded = await loadTapes(openCatalogue(home), resolved);
  const check = (own: Certificate): void => {
    if (own.trialHash === result.certificate.trialHash) return;
    throw new GateError('VERIFY_FAILED', `run ${id} comes out otherwise now; "npx playhead verify ${id}" says why`, { run: id });
  };
  return { name: `${resolved.name} (${id})`, prepared: { ...loaded, resolved, bundle, strategyPlace: strategy.place }, check };
}
