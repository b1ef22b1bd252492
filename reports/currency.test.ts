import { expect, test } from 'vitest';
import { accountCurrency, currencyOf, quoteOf } from './currency.ts';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';
import { summaryText } from './summary-text.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';

const usd = fakeInput({ bars: wanderingBars(120, 11), fast: 3, slow: 8 });

/** The run with an account in another currency, all amounts so many times as large. */
function told(quoteCurrency: string, quoteDecimals: number, factor: number): ReportInput {
  const { result } = usd;
  const scaled = (column: Float64Array) => column.map((value) => value * factor);
  return {
    ...usd,
    result: {
      ...result,
      quoteCurrency,
      instruments: result.instruments.map((instrument) => ({ ...instrument, quoteCurrency, quoteDecimals })),
      equity: { ...result.equity, equityQuote: scaled(result.equity.equityQuote) },
      trades: result.trades.map((trade) => ({ ...trade, pnlQuote: trade.pnlQuote * factor })),
      fills: result.fills.map((fill) => ({ ...fill, feeQuote: fill.feeQuote * factor })),
      ledger: { deposit: '2.5', fees: '0.00012345' },
      metrics: { ...result.metrics, equityQuoteFinal: 2.73809517, expectancyQuote: 0.02358112 },
    },
  };
}

test.each([
  ['USD', 8, 2],
  ['USDT', 8, 2],
  ['JPY', 8, 0],
  ['EUR', 0, 0],
  ['BTC', 8, 8],
  ['ETH', 18, 18],
  ['BTC', 5, 5],
] as const)('%s, kept with %d decimals, is written with %d', (name, precision, decimals) => {
  expect(currencyOf(name, precision)).toEqual({ name, decimals });
});

test('the account has the decimals of the instrument that quotes in it, or else trades it', () => {
  const { result } = told('BTC', 6, 1);
  expect(accountCurrency(result)).toEqual({ name: 'BTC', decimals: 6 });
  expect(accountCurrency(result, 'TEST')).toEqual({ name: 'TEST', decimals: 8 });
  expect(accountCurrency(result, 'OTHER')).toEqual({ name: 'OTHER', decimals: 8 });
  expect(quoteOf(usd.result.instruments[0])).toEqual({ name: 'USD', decimals: 2 });
});

test('an account in bitcoin is told to the last decimal its ledger keeps, on the page and in the summary', async () => {
  const input = told('BTC', 8, 0.00025);
  const page = await reportHtml(input);
  const [trade] = input.result.trades;
  expect(page).toContain('>2.73809517 BTC<');
  expect(page).toContain('expectancy 0.02358112 BTC');
  expect(page).toContain('>−0.00012345</td>');
  expect(page).toContain(`<td class="pnl number">${trade.pnlQuote.toFixed(8).replace('-', '−')}</td>`);
  const data = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '');
  expect(data.moneyDecimals).toEqual([8]);
  expect(data.trades.rows[7]).toBe(Number(trade.pnlQuote.toFixed(8)));
  expect(data.hover['equity-chart'].decimals).toBe(8);
  expect(data.hover['equity-chart'].series[0].v[0]).toBe(Number(input.result.equity.equityQuote[0].toFixed(8)));
  const summary = summaryText(input, { color: false, width: 100 });
  expect(summary).toContain('2.73809517');
  expect(summary).toContain('0.02358112');
});

test('prices of what is held are told by their tick, not in cents', () => {
  const { result } = told('BTC', 8, 1);
  const instruments = result.instruments.map((instrument) => ({ ...instrument, tickSize: 0.000001 }));
  const position = {
    ...{ instrumentIndex: 0, sizeBase: 2, averagePriceQuote: 0.051234, markPriceQuote: 0.0523 },
    unrealisedPnlQuote: 0.002132,
  };
  const summary = summaryText({ ...usd, result: { ...result, instruments, openPositions: [position] } }, { color: false, width: 100 });
  expect(summary).toContain('long 2 at 0.051234, marked 0.052300: +0.00213200 BTC');
});
