/** Owns the way from a scenario file to the settings of its account, without a run. Never plays and never stores. */
import { resolve } from 'node:path';
import type { Instrument } from '../engine/model/instrument.ts';
import type { Timeframe } from '../engine/model/timeframe.ts';
import type { RunSettings } from '../engine/settings.ts';
import { prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import { settingsOf } from './resolve.ts';

export interface ScenarioSettingsOptions {
  /** Folder of the catalogue; default ".playhead" in the working directory. */
  readonly home?: string | undefined;
  /** Overrides as on the command line: "risk.riskPerTrade=0.02". */
  readonly set?: readonly string[] | undefined;
}

export interface ScenarioSettings {
  readonly settings: RunSettings;
  readonly instruments: readonly Instrument[];
  /** Of the first series: the one that decisions are made on. */
  readonly timeframe: Timeframe;
}

export async function loadScenarioSettings(path: string, options: ScenarioSettingsOptions): Promise<ScenarioSettings> {
  const { resolved, instruments } = await prepareScenario(
    readScenario(path, [...(options.set ?? [])]),
    resolve(options.home ?? '.playhead'),
  );
  return { settings: settingsOf(resolved), instruments, timeframe: resolved.series[0].timeframe };
}
