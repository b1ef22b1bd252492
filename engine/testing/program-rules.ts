/** Owns dated rules of a program's venue, and a generator of them. Never says what they do to an order. */
import type { Random } from '../random.ts';
import { below, pick, plain } from './chance.ts';
import type { ProgramInstrument } from './program.ts';

/** What a venue asks of orders from fromMs on: steps of so many ticks and lots, bounds of a size, and its fees. */
export interface ProgramRules {
  readonly fromMs: number;
  readonly tickStep: number;
  readonly lotStep: number;
  /** In quote; "0" for none. */
  readonly minimumNotional: string;
  readonly maximumLots?: number;
  readonly feeRateMaker: string;
  readonly feeRateTaker: string;
}

/** Odd, so that no whole price lies half-way between two ticks: a stated price is rounded as a double. */
const tickSteps = [1, 1, 3, 5, 7];

/** One to four: what holds at first, and what comes at an open, at a close, next to one or inside a bar. */
export function randomRules(random: Random, { tick, lot, bars, feeRateMaker, feeRateTaker }: ProgramInstrument): ProgramRules[] {
  const count = below(random, 4);
  const dates = Array.from({ length: count }, () => {
    const { openTimeMs, closeTimeMs } = pick(random, bars);
    return pick(random, [openTimeMs, closeTimeMs, closeTimeMs - 1, closeTimeMs + 1, (openTimeMs + closeTimeMs) / 2]);
  });
  const lotAt100 = Number(tick) * Number(lot) * 100;
  return [0, ...new Set(dates.sort((a, b) => a - b))].map((fromMs) => {
    const lotStep = pick(random, [1, 1, 2, 3, 5]);
    return {
      fromMs,
      tickStep: pick(random, tickSteps),
      lotStep,
      minimumNotional: random() < 0.5 ? '0' : plain(lotAt100 * (1 + below(random, 5)), 8),
      ...(random() < 0.6 ? {} : { maximumLots: lotStep + below(random, 9) }),
      feeRateMaker: random() < 0.5 ? feeRateMaker : '0.0005',
      feeRateTaker: random() < 0.5 ? feeRateTaker : '0.0021',
    };
  });
}
