/** Owns strategies for tests that are a list of what to do at which bar, and runs of them. Never used by a run. */
import type { FeeFunction } from '../costs/fees.ts';
import type { Tape } from '../model/bar.ts';
import type { Fill } from '../model/fill.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import { type PlayInput, play } from '../play.ts';
import type { ConversionTape } from '../portfolio/conversion.ts';
import type { RunResult } from '../result.ts';
import { type Bars, defineStrategy, type SetupContext, type StrategyContext, type StrategyDefinition } from '../strategy.ts';
import { settingsOf, testHashes } from './settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './tapes.ts';

/** What a line of a script is given: the context of the first series, all series, and how many times onBar was called before. */
export interface Turn extends StrategyContext {
  readonly series: readonly Bars[];
  readonly call: number;
}

export interface Script {
  /** What to do at the n-th call of onBar, from 0 on. */
  readonly at?: Readonly<Record<number, (turn: Turn) => void>>;
  /** What to do at every call of onBar. */
  readonly always?: (turn: Turn) => void;
  readonly onFill?: (fill: Fill, turn: Turn) => void;
  readonly onOrder?: (order: Order, turn: Turn) => void;
  /** The strategy's own fee function. */
  readonly fee?: FeeFunction;
  /** Closes of the first series at which onBar is wanted, told by a wake condition; never of its first bar. Left out it is wanted at every bar. */
  readonly wakesAt?: (closeTimeMs: number) => boolean;
}

export interface ScriptInput extends Script {
  /** Bars of one minute series, or tapes. */
  readonly rows?: readonly BarRow[];
  readonly tapes?: readonly Tape[];
  /** What differs from a spot instrument without fees: the same for all, or one for each. */
  readonly instrument?: Partial<Instrument>;
  readonly instruments?: readonly Instrument[];
  readonly conversions?: readonly ConversionTape[];
  readonly finer?: readonly Tape[];
  readonly settings?: Parameters<typeof settingsOf>[0];
  readonly recording?: PlayInput['recording'];
}

/** The input of a run that plays a script. */
export function scriptInput(input: ScriptInput): PlayInput {
  const tapes = input.tapes ?? [tapeOf(input.rows ?? [])];
  const symbols = [...new Set(tapes.map((tape) => tape.key.symbol))];
  return {
    tapes,
    instruments: input.instruments ?? symbols.map((symbol) => instrumentOf({ ...input.instrument, symbol })),
    conversions: input.conversions ?? [],
    finer: input.finer ?? [],
    settings: settingsOf(input.settings),
    strategy: () => scripted(input),
    parameters: {},
    hashes: testHashes,
    recording: input.recording ?? 'full',
  };
}

/** Plays a script. */
export function playScript(input: ScriptInput): RunResult {
  return play(scriptInput(input));
}

/** A fresh strategy that plays a script. */
export function scripted(script: Script): StrategyDefinition {
  return defineStrategy({
    name: 'script',
    parameters: {},
    ...(script.fee === undefined ? {} : { fee: script.fee }),
    setup({ bars, series, indicators, wake }: SetupContext<Record<never, never>>) {
      let call = 0;
      const { wakesAt } = script;
      if (wakesAt !== undefined) {
        const zero = indicators.batch('zero', bars.closeTimeMs, (source, target) => target.fill(0, 0, source.length));
        wake.onCross(
          indicators.stream('turns', bars.closeTimeMs, () => turnsAt(wakesAt)),
          zero,
        );
      }
      const turnOf = (context: StrategyContext): Turn => ({
        order: context.order,
        position: context.position,
        account: context.account,
        timeMs: context.timeMs,
        series,
        call,
      });
      return {
        onBar(context: StrategyContext) {
          const turn = turnOf(context);
          script.at?.[call]?.(turn);
          script.always?.(turn);
          call++;
        },
        ...(script.onFill === undefined
          ? {}
          : { onFill: (fill: Fill, context: StrategyContext) => script.onFill?.(fill, turnOf(context)) }),
        ...(script.onOrder === undefined
          ? {}
          : { onOrder: (order: Order, context: StrategyContext) => script.onOrder?.(order, turnOf(context)) }),
      };
    },
  }) as unknown as StrategyDefinition;
}

/** 1 or −1, turning at each of these: a column that crosses zero just there. */
function turnsAt(isMeant: (value: number) => boolean): (value: number) => number {
  let sign = 1;
  return (value) => {
    if (isMeant(value)) sign = -sign;
    return sign;
  };
}

/** The parts of fills that tests state: [time, side, price, size] and the role where it is not the strategy's own. */
export function brief(fills: readonly Fill[]): (number | string)[][] {
  return fills.map((fill) => [fill.timeMs, fill.side, fill.priceQuote, fill.sizeBase, ...(fill.role === 'own' ? [] : [fill.role])]);
}
