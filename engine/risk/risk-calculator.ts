/** Owns the risk of a book of positions, asked of plain data: positions, equity, daily returns. Never decides anything about an order. */
import { ConfigError } from '../errors.ts';
import { correlation, covariance } from '../metrics/covariance.ts';
import { mean } from '../metrics/moments.ts';
import { normalQuantile } from '../metrics/normal.ts';
import { type BookPosition, type Exposure, exposureOf, notionalOf } from './exposure.ts';
import { type TailQuestion, tailLoss, tailMeanLoss, valueAtRiskMethods } from './tail.ts';

export interface RiskCalculatorInput {
  readonly positions: readonly BookPosition[];
  readonly equityQuote: number;
  /** Simple returns a day by symbol, fractions, oldest first; row i of each is the same day. */
  readonly dailyReturns: Readonly<Record<string, Float64Array | readonly number[]>>;
}

/** A loss in quote and as a fraction of equity; positive where it is a loss. NaN where no return is known. */
export interface Loss {
  readonly lossQuote: number;
  readonly lossFraction: number;
}

/** What one position adds to the gaussian value at risk of the book. */
export interface RiskContribution {
  readonly symbol: string;
  /** Value at risk added by one more quote of this position, in quote. */
  readonly marginal: number;
  /** marginal × notional: over all positions they sum to the value at risk. */
  readonly componentQuote: number;
  /** Of the value at risk; the shares sum to 1. */
  readonly shareFraction: number;
}

/** Exposure, value at risk, expected shortfall, correlations and contributions of a book held as it is over the days given. */
export class RiskCalculator {
  readonly positions: readonly BookPosition[];
  readonly equityQuote: number;
  readonly symbols: readonly string[];
  private readonly returns: ReadonlyMap<string, Float64Array>;

  /** USAGE where columns of returns differ in length, or hold what is no number. */
  constructor({ positions, equityQuote, dailyReturns }: RiskCalculatorInput) {
    if (!Number.isFinite(equityQuote)) throw misuse(`equityQuote: was ${equityQuote}, expected a finite number`);
    for (const position of positions) {
      if (!Number.isFinite(notionalOf(position))) throw misuse(`position ${position.symbol}: expected a finite size and price`);
    }
    const returns = new Map(Object.entries(dailyReturns).map(([symbol, column]) => [symbol, Float64Array.from(column)]));
    let length = -1;
    for (const [symbol, column] of returns) {
      if (length >= 0 && column.length !== length)
        throw misuse(`dailyReturns.${symbol}: was ${column.length} rows, expected ${length}: one row a day in every column`);
      length = column.length;
      const fault = column.findIndex((value) => !Number.isFinite(value));
      if (fault >= 0) throw misuse(`dailyReturns.${symbol} row ${fault}: was ${column[fault]}, expected a finite fraction`);
    }
    this.positions = positions;
    this.equityQuote = equityQuote;
    this.returns = returns;
    this.symbols = [...returns.keys()];
  }

  exposure(): Exposure {
    return exposureOf(this.positions, this.equityQuote);
  }

  /** What the book held now would have gained or lost on each day, in quote. USAGE where a position has no returns. */
  dailyPnlQuote(): Float64Array {
    const held = this.positions.filter((position) => position.sizeBase !== 0);
    const pnl = new Float64Array(this.returns.size === 0 ? 0 : this.columnOf(this.symbols[0]).length);
    for (const position of held) {
      const notional = notionalOf(position);
      const column = this.columnOf(position.symbol);
      for (let i = 0; i < pnl.length; i++) pnl[i] += notional * column[i];
    }
    return pnl;
  }

  /** Loss that 1 − confidence of the horizons exceed. */
  valueAtRisk(question: TailQuestion): Loss {
    checkQuestion(question);
    return this.lossOf(tailLoss(this.dailyPnlQuote(), question));
  }

  /** Mean loss of the horizons beyond the value at risk; historical (default) or gaussian. */
  expectedShortfall(question: TailQuestion & { readonly method?: 'historical' | 'gaussian' }): Loss {
    checkQuestion(question);
    if ((question.method as string) === 'modified') throw misuse('method: was modified, expected historical or gaussian');
    return this.lossOf(tailMeanLoss(this.dailyPnlQuote(), question));
  }

  /** Correlations of the daily returns, rows and columns in the order of symbols; NaN beside a column that never moves. */
  correlationMatrix(): number[][] {
    const columns = this.symbols.map((symbol) => this.columnOf(symbol));
    return columns.map((left, i) =>
      columns.map((right, j) => (i === j && !Number.isNaN(correlation(left, left)) ? 1 : correlation(left, right))),
    );
  }

  /** How much of the gaussian value at risk each position brings, in the order of positions. Source: Jorion 2007, ch. 7. */
  contributions({ confidence, horizonDays = 1 }: Omit<TailQuestion, 'method'>): RiskContribution[] {
    checkQuestion({ confidence, horizonDays });
    const pnl = this.dailyPnlQuote();
    const z = normalQuantile(1 - confidence) * Math.sqrt(horizonDays);
    const deviation = Math.sqrt(covariance(pnl, pnl));
    const total = tailLoss(pnl, { confidence, horizonDays, method: 'gaussian' });
    return this.positions.map((position) => {
      const column = this.columnOf(position.symbol);
      const spread = deviation > 0 ? covariance(column, pnl) / deviation : 0;
      const marginal = -mean(column) * horizonDays - z * spread;
      const componentQuote = marginal * notionalOf(position);
      return { symbol: position.symbol, marginal, componentQuote, shareFraction: componentQuote / total };
    });
  }

  private lossOf(lossQuote: number): Loss {
    return { lossQuote, lossFraction: lossQuote / this.equityQuote };
  }

  private columnOf(symbol: string): Float64Array {
    const column = this.returns.get(symbol);
    if (column === undefined)
      throw misuse(`dailyReturns has no column for ${symbol}, which is held; there are ${this.symbols.join(', ') || 'none'}`);
    return column;
  }
}

function checkQuestion({ confidence, horizonDays = 1, method = 'historical' }: TailQuestion): void {
  if (!(confidence > 0.5 && confidence < 1)) throw misuse(`confidence: was ${confidence}, expected more than 0.5 and less than 1`);
  if (!(horizonDays > 0 && Number.isFinite(horizonDays))) throw misuse(`horizonDays: was ${horizonDays}, expected more than 0`);
  if (!valueAtRiskMethods.includes(method)) throw misuse(`method: was ${method}, expected one of ${valueAtRiskMethods.join(', ')}`);
}

function misuse(message: string): ConfigError {
  return new ConfigError('USAGE', message);
}
