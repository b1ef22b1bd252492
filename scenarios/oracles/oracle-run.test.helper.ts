/** Owns how outside oracles are played: through the engine's public API, by scripted strategies. Never computes what it checks. */

import type { BarColumns, Tape } from '../../engine/model/bar.ts';
import type { Instrument } from '../../engine/model/instrument.ts';
import type { Timeframe } from '../../engine/model/timeframe.ts';
import { play } from '../../engine/play.ts';
import type { RunResult } from '../../engine/result.ts';
import type { RunSettings } from '../../engine/settings.ts';
import {
  type Bars,
  defineStrategy,
  type SetupContext,
  type StrategyContext,
  type StrategyDefinition,
  type StrategyHandlers,
} from '../../engine/strategy.ts';
import { settingsOf, testHashes } from '../../engine/testing/settings.ts';
import { type BarRow, hasOracles, instrumentOf, tapeOf } from '../../engine/testing/tapes.ts';

/** What follows a test's title where the oracles are absent. */
export const skipReason = hasOracles ? '' : ' (skipped: ../shared/oracles is absent)';

export interface OracleRun {
  readonly tapes: readonly Tape[];
  readonly instrument?: Partial<Instrument> | undefined;
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly strategy: StrategyDefinition;
}

/** One run; instrument: what is said of every instrument on the tapes. */
export function runOf({ tapes, instrument, settings, strategy }: OracleRun): RunResult {
  const symbols = [...new Set(tapes.map((tape) => tape.key.symbol))];
  const resolved: RunSettings = settingsOf(settings);
  return play({
    tapes,
    instruments: symbols.map((symbol) => instrumentOf({ venue: tapes[0].key.venue, symbol, ...instrument })),
    settings: resolved,
    strategy: () => strategy,
    parameters: {},
    hashes: testHashes,
    recording: 'full',
  });
}

/** A strategy of what it does at each bar. make: called afresh for each evaluation, so that its state is its own. */
export function strategyOf(make: (setup: SetupContext<Record<string, never>>) => StrategyHandlers): StrategyDefinition {
  return defineStrategy({ name: 'oracle', parameters: {}, setup: make });
}

/** What onBar is given, the bars beside it and the bar's place on the tape. */
export interface Step {
  readonly context: StrategyContext;
  readonly bars: Bars;
  readonly bar: number;
}

/** A strategy without indicators: called with the index of the bar that closed, from firstBar on. */
export function scriptOf(onBar: (step: Step) => void, firstBar = 0): StrategyDefinition {
  return strategyOf(({ bars }) => {
    let bar = -1;
    return {
      onBar(context) {
        bar++;
        if (bar >= firstBar) onBar({ context, bars, bar });
      },
    };
  });
}

/** The bars from ≤ i < to of a tape. */
export function sliceTape(tape: Tape, from: number, to: number): Tape {
  const cut = (values: Float64Array) => values.slice(from, to);
  const { openTimeMs, closeTimeMs, open, high, low, close, volume } = tape.columns;
  const columns: BarColumns = {
    length: to - from,
    openTimeMs: cut(openTimeMs),
    closeTimeMs: cut(closeTimeMs),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
  return { ...tape, columns };
}

/** Coarser bars; startOf: the open time of the bar a time belongs to. Bars without a finer one are left out. */
export function resample(tape: Tape, timeframe: Timeframe, startOf: (timeMs: number) => number): Tape {
  const { columns } = tape;
  const rows: [number, number, number, number, number][] = [];
  const openTimesMs: number[] = [];
  for (let i = 0; i < columns.length; i++) {
    const startMs = startOf(columns.openTimeMs[i]);
    const row = rows[rows.length - 1];
    if (openTimesMs[openTimesMs.length - 1] !== startMs) {
      openTimesMs.push(startMs);
      rows.push([columns.open[i], columns.high[i], columns.low[i], columns.close[i], columns.volume[i]]);
      continue;
    }
    row[1] = Math.max(row[1], columns.high[i]);
    row[2] = Math.min(row[2], columns.low[i]);
    row[3] = columns.close[i];
    row[4] += columns.volume[i];
  }
  return tapeOf(rows, { ...tape.key, timeframe, openTimesMs });
}

/** Bars that do not move: open, high, low and close are each value, one bar after another. */
export function flatBars(values: readonly number[]): Tape {
  return tapeOf(
    values.map((value): BarRow => [value, value, value, value]),
    { timeframe: '1d' },
  );
}

export const dayMs = 86_400_000;
