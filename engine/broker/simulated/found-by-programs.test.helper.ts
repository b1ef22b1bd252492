/** Owns how a fact that programs found is played: a script over minute bars, fills told as "price@minute". Never used by a run. */
import type { Instrument } from '../../model/instrument.ts';
import type { RunResult } from '../../result.ts';
import { playScript, type Script, type ScriptInput } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

export const minuteMs = 60_000;
export const flat: BarRow = [100, 100, 100, 100];
export const buy = { side: 1, sizeBase: 1 } as const;
export const sell = { side: -1, sizeBase: 1 } as const;
export const level = (price: number): BarRow => [price, price, price, price];

export interface Rules extends NonNullable<ScriptInput['settings']> {
  readonly instrument?: Partial<Instrument>;
}

export function play(rows: readonly BarRow[], at: Script['at'], { instrument, ...settings }: Rules = {}): RunResult {
  return playScript({
    rows,
    ...(at && { at }),
    settings: { account: { kind: 'frictionless', leverage: 10 }, ...settings },
    ...(instrument === undefined ? {} : { instrument }),
  });
}
export const prices = ({ fills }: RunResult) =>
  fills.map(({ role, priceQuote, timeMs }) => `${role === 'own' ? '' : `${role} `}${priceQuote}@${timeMs / minuteMs}`).join(', ');
export const rebate = { feeRateMaker: -0.01, feeRateTaker: 0.01 };
