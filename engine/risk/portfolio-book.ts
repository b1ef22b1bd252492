/** Owns the view of a portfolio: positions, exposure, drawdown, state. Reads the portfolio and its risk; never keeps or changes anything of theirs. */
import { ConfigError } from '../errors.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { PortfolioView, PositionLine } from '../portfolio-view.ts';
import type { RiskState } from '../risk-event.ts';
import { DailyCloses } from './daily-closes.ts';
import { type Exposure, exposureOf } from './exposure.ts';
import type { Risk } from './risk.ts';
import { RiskCalculator } from './risk-calculator.ts';
import type { Market } from './risk-rules.ts';

export interface BookSource {
  readonly portfolio: Portfolio;
  readonly risk: Risk;
  readonly market: Market;
  /** Highest equity of any bar close so far, at least the initial capital. */
  readonly peakQuote: () => number;
}

export class PortfolioBook implements PortfolioView {
  readonly #source: BookSource;
  #daily: DailyCloses | null = null;

  constructor(source: BookSource) {
    this.#source = source;
  }

  get initialCapitalQuote(): number {
    return this.#source.risk.settings.initialCapitalQuote;
  }
  get riskPerTrade(): number {
    return this.#source.risk.settings.risk.riskPerTrade;
  }
  get cashQuote(): number {
    return this.#source.portfolio.ledger.cashQuote;
  }
  get equityQuote(): number {
    return this.#source.portfolio.equityNow();
  }
  get peakQuote(): number {
    return this.#source.peakQuote();
  }
  get drawdownFraction(): number {
    const peak = this.peakQuote;
    return Math.max(0, (peak - this.equityQuote) / peak);
  }
  get state(): RiskState {
    return this.#source.risk.rules?.state ?? 'ACTIVE';
  }

  positions(): PositionLine[] {
    const { portfolio } = this.#source;
    const equityQuote = this.equityQuote;
    const lines: PositionLine[] = [];
    for (let i = 0; i < portfolio.positionBase.length; i++) {
      const sizeBase = portfolio.positionBase[i];
      if (sizeBase === 0) continue;
      const multiplier = portfolio.pointValue(i);
      const priceQuote = portfolio.lastPrice(i);
      const averagePriceQuote = portfolio.averagePrice(i);
      const notionalQuote = sizeBase * priceQuote * multiplier;
      const equityFraction = notionalQuote / equityQuote;
      const unrealisedPnlQuote = portfolio.toAccount(i, portfolio.unrealisedPnl(i, priceQuote));
      lines.push({
        instrumentIndex: i,
        symbol: this.#nameOf(i),
        sizeBase,
        priceQuote,
        multiplier,
        averagePriceQuote,
        notionalQuote,
        equityFraction,
        unrealisedPnlQuote,
      });
    }
    return lines;
  }

  exposure(): Exposure {
    return exposureOf(this.positions(), this.equityQuote);
  }

  calculator({ days }: { readonly days: number }): RiskCalculator {
    if (!(Number.isInteger(days) && days > 1)) throw new ConfigError('USAGE', `days: was ${days}, expected a whole number above 1`);
    const { market } = this.#source;
    this.#daily ??= new DailyCloses(market.finest);
    this.#daily.update(market.timeMs);
    const positions = this.positions();
    const columns = this.#daily.returnsOf(
      positions.map((line) => line.instrumentIndex),
      days,
    );
    const dailyReturns = Object.fromEntries(positions.map((line, k) => [line.symbol, columns[k]]));
    return new RiskCalculator({ positions, equityQuote: this.equityQuote, dailyReturns });
  }

  /** The symbol, with its venue where two venues trade it. */
  #nameOf(i: number): string {
    const { instruments } = this.#source.portfolio;
    const { symbol, venue } = instruments[i];
    return instruments.every((one, j) => j === i || one.symbol !== symbol) ? symbol : `${venue} ${symbol}`;
  }
}
