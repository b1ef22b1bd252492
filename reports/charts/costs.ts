/** Owns the picture of what trading cost, by cause. */
import type { Fill } from '../../engine/model/fill.ts';
import { type OrderKind, type OrderRole, orderKinds } from '../../engine/model/order.ts';
import { accountCurrency } from '../currency.ts';
import { significant } from '../down-sample.ts';
import { money } from '../format.ts';
import { ratesOf } from '../rates.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, quoteFormat } from './chart.ts';

export const roleLabels: Readonly<Record<OrderRole, string>> = {
  own: 'Strategy orders',
  stopLoss: 'Stop losses',
  takeProfit: 'Targets',
  halt: 'Drawdown halt',
  endOfRun: 'End of run',
  trail: 'Trailing stops',
  amend: 'Refused amends',
  liquidation: 'Margin calls',
};

/** What closed a trade, by the role of its exit. */
export const exitLabels: Readonly<Record<OrderRole, string>> = {
  own: 'strategy',
  stopLoss: 'stop loss',
  takeProfit: 'target',
  halt: 'drawdown halt',
  endOfRun: 'end of run',
  trail: 'trailing stop',
  amend: 'refused amend',
  liquidation: 'margin call',
};

export const kindLabels: Readonly<Record<OrderKind, string>> = {
  market: 'Market',
  limit: 'Limit',
  stop: 'Stop',
  stopLimit: 'Stop limit',
  marketIfTouched: 'Market if touched',
  limitIfTouched: 'Limit if touched',
  trailingStop: 'Trailing stop',
  onOpen: 'On the open',
  onClose: 'On the close',
};

export interface CostsOfKind {
  readonly kind: OrderKind;
  readonly label: string;
  readonly fillCount: number;
  readonly notionalQuote: number;
  readonly feeQuote: number;
  readonly slippageQuote: number;
}

export interface CostsOfRole {
  readonly role: OrderRole;
  readonly label: string;
  fillCount: number;
  notionalQuote: number;
  feeQuote: number;
  slippageQuote: number;
}

/** Fees and slippage of all fills in the account's currency, by what the order was for; only roles that filled. Costs are positive where they hurt. */
export function costsByRole(input: ReportInput): CostsOfRole[] {
  const found = new Map<OrderRole, CostsOfRole>();
  const rateOf = ratesOf(input);
  for (const fill of input.result.fills) {
    let costs = found.get(fill.role);
    if (!costs) {
      costs = { role: fill.role, label: roleLabels[fill.role], fillCount: 0, notionalQuote: 0, feeQuote: 0, slippageQuote: 0 };
      found.set(fill.role, costs);
    }
    costs.fillCount++;
    const rate = rateOf(fill.instrumentIndex, fill.timeMs);
    costs.notionalQuote += fill.notionalQuote * rate;
    costs.feeQuote += fill.feeQuote * rate;
    costs.slippageQuote += fill.slippageQuote * rate;
  }
  const order = Object.keys(roleLabels);
  return [...found.values()].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
}

/** As costsByRole, by the kind of the order, in the order of orderKinds. */
export function costsByKind(input: ReportInput): CostsOfKind[] {
  const rateOf = ratesOf(input);
  return orderKinds
    .map((kind) => {
      const fills = input.result.fills.filter((fill) => fill.kind === kind);
      const sum = (amountOf: (fill: Fill) => number) =>
        fills.reduce((total, fill) => total + amountOf(fill) * rateOf(fill.instrumentIndex, fill.timeMs), 0);
      return {
        kind,
        label: kindLabels[kind],
        fillCount: fills.length,
        notionalQuote: sum((fill) => fill.notionalQuote),
        feeQuote: sum((fill) => fill.feeQuote),
        slippageQuote: sum((fill) => fill.slippageQuote),
      };
    })
    .filter(({ fillCount }) => fillCount > 0);
}

/** Fees and slippage in quote, stacked, one bar for each purpose of orders. */
export function costsChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const { quoteCurrency } = input.result;
  const currency = accountCurrency(input.result);
  const roles = costsByRole(input);
  const values = roles.flatMap((role) => [
    {
      label: role.label,
      cause: 'Fees',
      quote: significant(role.feeQuote, 7),
      text: `${role.label}, fees: ${money(role.feeQuote, currency)} ${quoteCurrency}`,
    },
    {
      label: role.label,
      cause: 'Slippage',
      quote: significant(role.slippageQuote, 7),
      text: `${role.label}, slippage: ${money(role.slippageQuote, currency)} ${quoteCurrency}`,
    },
  ]);
  const largest = roles.reduce((most, role) => Math.max(most, role.feeQuote + role.slippageQuote), 0);
  return {
    ...frame(options, `Fees and slippage in ${quoteCurrency}, by the purpose of the order.`),
    data: { values },
    mark: { type: 'bar', height: { band: 0.6 } },
    encoding: {
      x: {
        field: 'quote',
        type: 'quantitative',
        axis: { title: null, format: quoteFormat(largest, options), grid: true, domain: false, tickCount: options.width < 480 ? 4 : 8 },
      },
      y: { field: 'label', type: 'nominal', sort: roles.map((role) => role.label), axis: { title: null, grid: false } },
      color: { field: 'cause', type: 'nominal', scale: { domain: ['Fees', 'Slippage'], range: [palette.accent, palette.quiet] } },
      description: { field: 'text', type: 'nominal' },
    },
  };
}
