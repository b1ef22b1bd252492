/** Owns how much worse than the price of the moment a taker's fill is. Pure: numbers in, a price out, off the tick grid. */

/** What may stand in place of a fixed fraction of the price. */
export type SlippageRule =
  /** Half of the distance between bid and ask: in quote, or as a fraction of the price; the other is 0. */
  | { readonly kind: 'spread'; readonly spreadQuote: number; readonly spreadFraction: number }
  /** Price × impact × (fill ÷ volume)². Source: zipline, VolumeShareSlippage. */
  | { readonly kind: 'volumeShare'; readonly impact: number }
  /** Price × impact × √(fill ÷ volume). Source: the square-root law of market impact, as in Tóth et al. 2011. */
  | { readonly kind: 'squareRoot'; readonly impact: number };

export interface SlippageModel {
  /** The price made worse for this side. volume: of the bar that the fill draws on. */
  slipped(priceQuote: number, side: number, sizeBase: number, volume: number): number;
  /** The size that fills tells how far it slips. */
  readonly needsVolume: boolean;
}

export class FixedSlippage implements SlippageModel {
  readonly needsVolume = false;
  private readonly fraction: number;
  constructor(fraction: number) {
    this.fraction = fraction;
  }
  slipped(priceQuote: number, side: number): number {
    return priceQuote * (1 + side * this.fraction);
  }
}

export class SpreadSlippage implements SlippageModel {
  readonly needsVolume = false;
  private readonly halfQuote: number;
  private readonly halfFraction: number;
  constructor(spreadQuote: number, spreadFraction: number) {
    this.halfQuote = spreadQuote / 2;
    this.halfFraction = spreadFraction / 2;
  }
  slipped(priceQuote: number, side: number): number {
    return priceQuote * (1 + side * this.halfFraction) + side * this.halfQuote;
  }
}

export class VolumeShareSlippage implements SlippageModel {
  readonly needsVolume = true;
  private readonly impact: number;
  constructor(impact: number) {
    this.impact = impact;
  }
  slipped(priceQuote: number, side: number, sizeBase: number, volume: number): number {
    const share = shareOf(sizeBase, volume);
    return priceQuote * (1 + side * this.impact * share * share);
  }
}

export class SquareRootSlippage implements SlippageModel {
  readonly needsVolume = true;
  private readonly impact: number;
  constructor(impact: number) {
    this.impact = impact;
  }
  slipped(priceQuote: number, side: number, sizeBase: number, volume: number): number {
    return priceQuote * (1 + side * this.impact * Math.sqrt(shareOf(sizeBase, volume)));
  }
}

/** A bar without volume, or none at all, counts as if the fill were all of it. */
function shareOf(sizeBase: number, volume: number): number {
  return volume > 0 ? sizeBase / volume : 1;
}

/** null where nothing slips. fraction: of the price, where no rule takes its place. */
export function slippageModelOf(fraction: number, rule: SlippageRule | null): SlippageModel | null {
  if (rule === null) return fraction === 0 ? null : new FixedSlippage(fraction);
  switch (rule.kind) {
    case 'spread':
      return new SpreadSlippage(rule.spreadQuote, rule.spreadFraction);
    case 'volumeShare':
      return new VolumeShareSlippage(rule.impact);
    default:
      return new SquareRootSlippage(rule.impact);
  }
}
