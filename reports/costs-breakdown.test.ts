/** Fees and slippage by cause, as the summary and the page tell them. */
import { expect, test } from 'vitest';
import type { Fill } from '../engine/model/fill.ts';
import { costsByKind } from './charts/costs.ts';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';
import { summaryText } from './summary-text.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });
const plain = { color: false, width: 80 };
const fillOf = (changed: Partial<Fill>): Fill => ({ ...input.result.fills[0], ...changed });
const withFills = (fills: readonly Fill[]): ReportInput => ({ ...input, result: { ...input.result, fills } });

const own = fillOf({ kind: 'market', role: 'own', notionalQuote: 1000, feeQuote: 2, slippageQuote: 1 });
const stop = fillOf({ kind: 'stop', role: 'stopLoss', notionalQuote: 500, feeQuote: 1.5, slippageQuote: 4 });
const target = fillOf({ kind: 'limit', role: 'takeProfit', notionalQuote: 800, feeQuote: 0, slippageQuote: 0 });

test('the summary says what each purpose of orders cost, where more than one did', () => {
  expect(summaryText(withFills([own, stop, own, target]), plain)).toContain(`
Costs by purpose            fees        slippage     of notional
Strategy orders             4.00            2.00          0.300%
Stop losses                 1.50            4.00          1.100%
`);
  expect(summaryText(withFills([own, target]), plain)).not.toContain('Costs by purpose');
});

test('the page tells costs by purpose and by kind of order', async () => {
  expect(
    costsByKind(withFills([stop, own, own])).map(({ kind, fillCount, feeQuote, slippageQuote }) => [
      kind,
      fillCount,
      feeQuote,
      slippageQuote,
    ]),
  ).toEqual([
    ['market', 2, 4, 2],
    ['stop', 1, 1.5, 4],
  ]);
  const page = await reportHtml(withFills([own, stop, own, target]));
  const costs = (/<section id="costs">.*?<\/section>/s.exec(page)?.[0] ?? '').replace(/ data-label="[^"]*"/g, '');
  expect(costs).toContain('<th scope="col">Purpose</th>');
  expect(costs).toContain('<th scope="col">Kind of order</th>');
  expect(costs).toMatch(/<td>Stop<\/td><td class="number">1<\/td><td class="number">500\.00<\/td><td class="number">1\.50<\/td>/);
  expect(costs).toContain('<td class="number">1.100%</td>');
});
