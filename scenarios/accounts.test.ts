/** Accounts as a scenario file states them: refusals of the schema, and a run in two currencies from catalogue to verification. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { costsByRole, exposureColumn } from '../reports/charts/index.ts';
import { reportHtml } from '../reports/report-html.ts';
import { prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import { settingsOf } from './resolve.ts';
import { reportInputOf, runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const dayMs = 86_400_000;
let folder: string;
let home: string;
let catalogue: Catalogue;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-accounts-'));
  home = join(folder, '.playhead');
  catalogue = openCatalogue(home);
  await importDays('A/USD', [100, 101, 102, 103, 104, 105]);
  await importDays('B/EUR', [50, 50, 50, 55, 55, 55]);
  await importDays('EUR/USD', [1.1, 1.2, 1.25, 1.3, 1.2, 1.1], -1);
  writeFileSync(
    join(folder, 'mine.ts'),
    `import { defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'mine', parameters: {},
  setup({ series }) {
    let bar = 0;
    return { onBar() { if (bar++ === 0) for (const one of series) one.order.market({ side: 1, sizeBase: 10 }); } };
  },
});
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function importDays(symbol: string, closes: readonly number[], shiftDays = 0): Promise<void> {
  const path = join(folder, 'bars.csv');
  const startMs = Date.UTC(2024, 0, 2) + shiftDays * dayMs;
  const rows = closes.map((close, i) => `${startMs + i * dayMs},${close},${close},${close},${close},1`);
  writeFileSync(path, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  await importBars(catalogue, { path, key: { venue: 'desk', symbol, timeframe: '1d' } });
}

function scenario(account: string, more = ''): string {
  const path = join(folder, 's.yaml');
  const series = ['A/USD', 'B/EUR'].map((symbol) => `    - { venue: desk, symbol: ${symbol}, timeframe: 1d }`).join('\n');
  writeFileSync(path, `name: s\ndata:\n  series:\n${series}\nstrategy: { file: ./mine.ts }\naccount: ${account}\n${more}`);
  return path;
}
const rate = 'conversions: [{ venue: desk, symbol: EUR/USD, timeframe: 1d }]';
const refusal = (account: string): string => {
  try {
    readScenario(scenario(account), []);
  } catch (error) {
    return (error as Error).message.replace(/^\S+ /, '');
  }
  return 'accepted';
};

describe('the schema refuses', () => {
  test.each([
    [
      '{ kind: margin, maintenanceMargin: 0.6, leverage: 2 }',
      'account.maintenanceMargin: was 0.6, expected at most 1 / leverage, 0.5: a position would be called as it opens',
    ],
    [
      '{ kind: futures }',
      'account.margins: was missing, expected a line of margins for futures: { per: contract, initial: 1000, maintenance: 800 }',
    ],
    ['{ kind: spot, interestRate: 0.1 }', 'account.interestRate: was 0.1, expected only where kind is margin'],
    ['{ borrowRate: 0.1 }', 'account.borrowRate: was 0.1, expected only where kind is margin'],
    [
      '{ kind: futures, accrual: hour, margins: [{ initial: 0.1, maintenance: 0.1 }] }',
      'account.accrual: was "hour", expected only where kind is margin',
    ],
    ['{ kind: margin, margins: [{ initial: 0.1, maintenance: 0.2 }] }', 'account.margins[0]: expected maintenance to be at most initial'],
    [
      '{ kind: margin, margins: [{ initial: 10, maintenance: 5 }] }',
      'account.margins[0]: expected initial to be at most 1 of the notional',
    ],
    ['{ currency: usd }', 'account.currency: was "usd", expected a currency code like USD or USDT'],
    ['{ currency: USD, balances: { USD: 5 } }', 'account.balances: expected other currencies than USD, whose cash is initialCapital'],
    ['{ positions: hedge }', 'account.positions: was "hedge", expected only where kind is frictionless or margin or futures'],
    ['{ kind: margni }', 'account.kind: was "margni", expected one of spot, frictionless, margin, futures; did you mean "margin"?'],
    [
      '{ kind: spot, leverage: 3 }',
      'account.leverage: was 3, expected 1 for a spot account; use kind: margin, which borrows for interest, or frictionless, which does not',
    ],
    [
      '{ conversionCost: 0.0005 }',
      'account.conversionCost: was 0.0005, expected conversion: atFill beside it; with none nothing is converted',
    ],
    ['{ conversion: atfill }', 'account.conversion: was "atfill", expected one of none, atFill; did you mean "atFill"?'],
  ])('%s', (account, message) => {
    expect(refusal(account)).toBe(message);
  });
});

test('leverage becomes the margin of every instrument without a line of its own, and half of it the maintenance margin', async () => {
  const path = scenario(
    `{ kind: margin, leverage: 4, currency: USD, ${rate}, margins: [{ symbol: A/USD, initial: 0.5, maintenance: 0.3 }] }`,
  );
  const { resolved } = await prepareScenario(readScenario(path, []), home);
  expect(settingsOf(resolved).account.margins).toEqual([
    { symbol: 'A/USD', per: 'notional', initial: 0.5, maintenance: 0.3 },
    { symbol: null, per: 'notional', initial: 0.25, maintenance: 0.125 },
  ]);
});

test('dust is kept where fees are taken in base, and sold where nothing can leave any', async () => {
  const dustOf = async (account: string, more = '') =>
    (await prepareScenario(readScenario(scenario(account, more), []), home)).resolved.account.dust;
  expect(await dustOf(`{ currency: USD, ${rate} }`)).toBe('sell');
  expect(await dustOf(`{ currency: USD, ${rate} }`, 'costs: { feeIn: base }\n')).toBe('keep');
  expect(await dustOf(`{ currency: USD, dust: sell, ${rate} }`, 'costs: { feeIn: base }\n')).toBe('sell');
});

describe('a run in two currencies', () => {
  const account = `{ currency: USD, balances: { EUR: 100 }, conversion: atFill, conversionCost: 0.01, ${rate} }`;
  const costs = 'costs: { feeRateMaker: 0, feeRateTaker: 0 }\n';

  test('is played, stored and verified; its equity is told in the account currency', async () => {
    const { result, id } = await runScenario(scenario(account, costs), { home });
    expect(result.quoteCurrency).toBe('USD');
    expect(result.initialCapitalQuote).toBe(10_000 + 100 * 1.1);
    // 400 EUR lacking at 1.2, the close of the day before the fill.
    expect(result.ledger).toMatchObject({ purchases: '1010', conversion: '-480', conversionCosts: '4.8' });
    expect(result.otherLedgers.EUR).toMatchObject({ deposit: '100', purchases: '500', conversion: '400' });
    const { equityQuote } = result.equity;
    // 10 A and 10 B at the end, the euro at 1.1: its series ended a day before.
    expect(equityQuote[equityQuote.length - 1]).toBeCloseTo(10_000 - 1010 - 484.8 + 10 * 105 + 10 * 55 * 1.1, 9);
    expect(await verifyRun(home, id, { timeLimitMs: 60_000 })).toMatchObject({ findings: [], isReplayed: true });
  });

  test('is reported in the account currency, what is not by name', async () => {
    const paid = 'costs: { feeRateMaker: 0.001, feeRateTaker: 0.001, slippage: 0.001 }\nendOfRun: closeAtLastClose\n';
    const finished = await runScenario(scenario(account, paid), { home, store: false });
    const { result } = finished;
    const input = reportInputOf(finished);
    const total = (amount: 'feeQuote' | 'slippageQuote') => costsByRole(input).reduce((sum, costs) => sum + costs[amount], 0);
    expect(total('feeQuote')).toBeCloseTo(result.metrics.feeQuoteTotal, 9);
    expect(total('slippageQuote')).toBeCloseTo(result.metrics.slippageQuoteTotal, 9);
    const { timeMs, equityQuote } = result.equity;
    const exposure = exposureColumn(input);
    // 10 A at 103, 10 B at 55 with the euro at 1.2, as the fourth bar closes.
    const row = timeMs.indexOf(Date.UTC(2024, 0, 6));
    expect(exposure[row]).toBeCloseTo((10 * 103 + 10 * 55 * 1.2) / equityQuote[row], 9);
    // As many bars with a position as the engine counts.
    expect(exposure.filter((fraction) => fraction > 0).length / exposure.length).toBeCloseTo(result.metrics.exposureFraction, 12);
    const page = await reportHtml(input);
    expect(page).toMatch(/<td class="pnl number">[^<]*\.\d\d EUR<\/td>/);
    expect(page).toMatch(/<td class="pnl number">[^<]*\.\d\d<\/td>/);
  });

  test('whose conversion series changes cannot be verified', async () => {
    const { id } = await runScenario(scenario(account, costs), { home });
    const place = catalogue.symbolPath('desk', 'EUR/USD');
    const file = readdirSync(place, { recursive: true })
      .map(String)
      .find((name) => name.endsWith('.parquet')) as string;
    writeFileSync(join(place, file), 'not these bars');
    const { findings } = await verifyRun(home, id, { timeLimitMs: 60_000 });
    expect(findings[0]).toMatchObject({ kind: 'inputs', text: expect.stringContaining('EUR/USD') });
  });

  test('without a series for its other currency ends before it starts, with what to name', async () => {
    await expect(runScenario(scenario('{ currency: USD }'), { home, store: false })).rejects.toMatchObject({
      code: 'CONVERSION_MISSING',
      message: expect.stringContaining('nothing turns EUR into USD; name a series of EUR/USD or USD/EUR in account.conversions'),
    });
  });
});
