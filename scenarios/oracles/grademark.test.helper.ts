/**
 * Owns Grademark's mean reversion as a strategy, its days, and its published results. Never fills anything.
 *
 * It enters and leaves at the next open and asks nothing of its rules on the bar of a fill. What trails by its closes is moved by the strategy,
 * whose distance is a function of the bar.
 */
import { readFileSync } from 'node:fs';
import type { Tape } from '../../engine/model/bar.ts';
import type { RunResult } from '../../engine/result.ts';
import { grademarkSemantics } from '../../engine/settings.ts';
import type { Bars, ProtectionWish, StrategyContext, StrategyDefinition } from '../../engine/strategy.ts';
import { type BarRow, hasOracles, oraclesPath, tapeOf } from '../../engine/testing/tapes.ts';
import { runOf, strategyOf } from './oracle-run.test.helper.ts';

/** Dates as D/MM/YYYY; a day opens at midnight UTC. */
export function readDays(name: string): Tape {
  if (!hasOracles) return tapeOf([[1, 1, 1, 1]]);
  const lines = readFileSync(`${oraclesPath}grademark/${name}`, 'utf8').trim().split(/\r?\n/).slice(1);
  const openTimesMs: number[] = [];
  const rows = lines.map((line): BarRow => {
    const [date, open, high, low, close, volume] = line.split(',');
    const [day, month, year] = date.split('/').map(Number);
    openTimesMs.push(Date.UTC(year, month - 1, day));
    return [Number(open), Number(high), Number(low), Number(close), Number(volume)];
  });
  return tapeOf(rows, { timeframe: '1d', openTimesMs });
}

/** What a position was worth knowing at the close of one of its bars. */
export interface Note {
  readonly openMs: number;
  readonly stopPrice: number;
  readonly riskPercent: number;
}

export interface Rules {
  readonly period: number;
  /** First bar on which the rules are asked. */
  readonly firstBar: number;
  /** Of the entry's price: where a stop lies below it, a target above it. */
  readonly stopFraction?: number;
  readonly targetFraction?: number;
  /** Of a close: how far a trailing stop stays below it. */
  readonly trailFraction?: number;
  /** Enters once a high has reached the close by this fraction, on any bar, whatever the mean. */
  readonly conditionFraction?: number;
  /** Leaves at the close after so many bars held, and not by the mean. */
  readonly holdingBarsMax?: number;
  readonly note?: (note: Note) => void;
}

/** Buys one unit when the close is below its mean and sells when it is above. */
function meanReversion(rules: Rules): StrategyDefinition {
  return strategyOf(({ bars, indicators }) => {
    const mean = indicators.sma(bars.close, rules.period);
    let bar = rules.period - 2;
    let hasFilled = false;
    let barsHeld = 0;
    let trail: Trail | null = null;
    /** A condition asked for stands until a high has reached its price. */
    let isWaiting = false;
    return {
      onFill() {
        hasFilled = true;
        isWaiting = false;
      },
      onBar(context) {
        bar++;
        if (bar < rules.firstBar) return;
        const { order, position } = context;
        if (hasFilled) {
          hasFilled = false;
          barsHeld = 0;
          trail = position.isFlat ? null : new Trail(rules, bars, context);
          if (position.isFlat) order.cancelAll();
        } else if (position.isFlat) {
          if (!isWaiting) isWaiting = enter(rules, bars, mean.at(0), context);
        } else {
          barsHeld++;
          trail?.follow(context);
          if (!mustLeave(rules, { bars, mean: mean.at(0), barsHeld })) return;
          order.cancelAll();
          order.close();
        }
      },
    };
  });
}

/** Asks for an entry where the rule says so; true where one is on its way. */
function enter(rules: Rules, bars: Bars, mean: number, { order }: StrategyContext): boolean {
  const { stopFraction, targetFraction, conditionFraction } = rules;
  const protection: ProtectionWish = {
    ...(stopFraction === undefined ? {} : { stopLoss: { fraction: stopFraction } }),
    ...(targetFraction === undefined ? {} : { takeProfit: { fraction: targetFraction } }),
  };
  const close = bars.close.at(0);
  if (conditionFraction !== undefined) order.stop({ side: 1, sizeBase: 1, stopPrice: close + close * conditionFraction, ...protection });
  else if (close < mean) order.market({ side: 1, sizeBase: 1, ...protection });
  else return false;
  return true;
}

/** The stop of one position and its record. */
class Trail {
  private readonly rules: Rules;
  private readonly bars: Bars;
  private readonly stopId: number = -1;
  private stopPrice: number;

  constructor(rules: Rules, bars: Bars, { order, position }: StrategyContext) {
    this.rules = rules;
    this.bars = bars;
    const entry = position.averagePriceQuote;
    const close = bars.close.at(0);
    this.stopPrice = entry - (rules.trailFraction === undefined ? entry * (rules.stopFraction ?? Number.NaN) : close * rules.trailFraction);
    if (rules.trailFraction !== undefined)
      this.stopId = order.stop({ side: -1, sizeBase: position.sizeBase, stopPrice: this.stopPrice, reduceOnly: true });
    this.note(entry);
  }

  follow({ order }: StrategyContext): void {
    const { trailFraction } = this.rules;
    const close = this.bars.close.at(0);
    if (trailFraction !== undefined && close - close * trailFraction > this.stopPrice) {
      this.stopPrice = close - close * trailFraction;
      order.amend(this.stopId, { stopPrice: this.stopPrice });
    }
    this.note(close);
  }

  private note(price: number): void {
    const { stopPrice } = this;
    this.rules.note?.({ openMs: this.bars.openTimeMs.at(0), stopPrice, riskPercent: ((price - stopPrice) / price) * 100 });
  }
}

function mustLeave({ holdingBarsMax }: Rules, { bars, mean, barsHeld }: { bars: Bars; mean: number; barsHeld: number }): boolean {
  return holdingBarsMax === undefined ? bars.close.at(0) > mean : barsHeld >= holdingBarsMax;
}

export function play(tape: Tape, rules: Rules): RunResult {
  return runOf({
    tapes: [tape],
    settings: { account: { kind: 'frictionless' }, semantics: grademarkSemantics },
    strategy: meanReversion(rules),
  });
}

/** What capital becomes that takes every trade whole. */
export const growthOf = ({ trades }: Pick<RunResult, 'trades'>): number =>
  trades.reduce((product, trade) => product * (1 + trade.returnFraction), 1);

export const published = <Result>(name: string): Result =>
  JSON.parse(readFileSync(`${oraclesPath}grademark/expected/${name}.json`, 'utf8'));

/** Their days open at midnight ten hours east of UTC. */
export const dayOf = (time: string): number => Date.parse(time) + 36_000_000;
