/** Owns what a run may be played again under: dearer, later, with entries left out, on other bars. Alters plain data; never plays it. */
import type { FeeRule } from '../costs/fees.ts';
import type { SlippageRule } from '../costs/slippage.ts';
import type { Tape } from '../model/bar.ts';
import { type Instrument, tickStepOf } from '../model/instrument.ts';
import type { RunSettings } from '../settings.ts';
import { noisyTapes } from './noisy-tapes.ts';
import { TapeMoves } from './tape-moves.ts';

export type Alteration =
  | { readonly kind: 'none' }
  /** Fees and slippage so many times as high; a rebate so many times as low. */
  | { readonly kind: 'costs'; readonly factor: number }
  /** All that is sent arrives so many bars later, and is sized then. */
  | { readonly kind: 'delay'; readonly bars: number }
  /** So many of the entries are refused. */
  | { readonly kind: 'skippedEntries'; readonly fraction: number; readonly replicate: number }
  /** See noisyTapes. */
  | { readonly kind: 'noise'; readonly rangeFraction: number; readonly replicate: number }
  /** See TapeMoves; blocks are as long as the moves ask for. */
  | { readonly kind: 'permuted'; readonly replicate: number }
  | { readonly kind: 'bootstrapped'; readonly replicate: number };

/** What is altered of a run. */
export interface AlterableRun {
  readonly tapes: readonly Tape[];
  readonly instruments: readonly Instrument[];
  readonly settings: RunSettings;
}

/** Alters one run again and again; what alterations have in common is worked out once. */
export class Alterations {
  private readonly run: AlterableRun;
  private readonly seed: number;
  private known: { readonly moves: TapeMoves; readonly blockLengthMean: number } | null = null;

  constructor({ tapes, instruments, settings }: AlterableRun, seed: number) {
    this.run = { tapes, instruments, settings };
    this.seed = seed;
  }

  of(alteration: Alteration): AlterableRun {
    const { run, seed } = this;
    const { settings, instruments, tapes } = run;
    switch (alteration.kind) {
      case 'none':
        return run;
      case 'costs':
        return dearer(run, alteration.factor);
      case 'delay':
        return { ...run, settings: { ...settings, latency: { ...settings.latency, bars: alteration.bars } } };
      case 'skippedEntries': {
        const { fraction, replicate } = alteration;
        return { ...run, settings: { ...settings, skippedEntries: { fraction, replicate, seed } } };
      }
      case 'noise':
        return { ...run, tapes: noisyTapes(tapes, ticksOf(tapes, instruments), { ...alteration, seed }) };
      case 'permuted':
        return { ...run, tapes: this.moves().moves.permuted(alteration.replicate) };
      default: {
        const { moves, blockLengthMean } = this.moves();
        return { ...run, tapes: moves.bootstrapped(alteration.replicate, blockLengthMean) };
      }
    }
  }

  private moves(): { readonly moves: TapeMoves; readonly blockLengthMean: number } {
    if (this.known === null) {
      const { tapes, instruments, settings } = this.run;
      const moves = new TapeMoves(tapes, { ticks: ticksOf(tapes, instruments), fromMs: settings.window.fromMs, seed: this.seed });
      this.known = { moves, blockLengthMean: moves.blockLength() };
    }
    return this.known;
  }
}

/** Bars of its own: columns of the recorded ones do not follow them, and finer bars do not lie in them. */
export function altersBars({ kind }: Alteration): boolean {
  return kind === 'noise' || kind === 'permuted' || kind === 'bootstrapped';
}

/** By tape, the step that all its prices are multiples of. */
function ticksOf(tapes: readonly Tape[], instruments: readonly Instrument[]): number[] {
  return tapes.map(({ key }) =>
    tickStepOf(instruments.find(({ venue, symbol }) => venue === key.venue && symbol === key.symbol) as Instrument),
  );
}

function dearer(run: AlterableRun, factor: number): AlterableRun {
  const { settings, instruments } = run;
  const { costs } = settings;
  const rate = (value: number): number => (value < 0 ? value / factor : value * factor);
  const rateGiven = (value: number | null): number | null => (value === null ? null : rate(value));
  const withRates = <Rules extends Pick<Instrument, 'feeRateMaker' | 'feeRateTaker'>>(rules: Rules): Rules => ({
    ...rules,
    feeRateMaker: rate(rules.feeRateMaker),
    feeRateTaker: rate(rules.feeRateTaker),
  });
  return {
    ...run,
    instruments: instruments.map((one) => ({
      ...withRates(one),
      ...(one.changes === undefined ? {} : { changes: one.changes.map(withRates) }),
    })),
    settings: {
      ...settings,
      costs: {
        ...costs,
        feeRateMaker: rateGiven(costs.feeRateMaker),
        feeRateTaker: rateGiven(costs.feeRateTaker),
        feeFixedQuote: costs.feeFixedQuote * factor,
        fees: dearerFees(costs.fees, { factor, rate }),
        slippageFraction: costs.slippageFraction * factor,
        slippage: costs.slippage === null ? null : dearerSlippage(costs.slippage, factor),
      },
    },
  };
}

/** What a function of the strategy's own charges is beyond reach. */
function dearerFees(fees: FeeRule, { factor, rate }: { readonly factor: number; readonly rate: (value: number) => number }): FeeRule {
  switch (fees.kind) {
    case 'tiers':
      return { ...fees, tiers: fees.tiers.map((tier) => ({ ...tier, maker: rate(tier.maker), taker: rate(tier.taker) })) };
    case 'perUnit':
      return {
        ...fees,
        amountQuote: rate(fees.amountQuote),
        minimumQuote: fees.minimumQuote * factor,
        maximumQuote: fees.maximumQuote * factor,
        maximumFraction: fees.maximumFraction * factor,
      };
    default:
      return fees;
  }
}

function dearerSlippage(slippage: SlippageRule, factor: number): SlippageRule {
  if (slippage.kind !== 'spread') return { ...slippage, impact: slippage.impact * factor };
  return { ...slippage, spreadQuote: slippage.spreadQuote * factor, spreadFraction: slippage.spreadFraction * factor };
}
