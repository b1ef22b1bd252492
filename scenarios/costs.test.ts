/** Costs, volume and latency as a scenario file states them: what becomes of the words, what is refused and where, and a run of each model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import { scenarioHash, settingsOf } from './resolve.ts';
import { runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const dayMs = 86_400_000;
let folder: string;
let home: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-costs-'));
  home = join(folder, '.playhead');
  const bars = join(folder, 'bars.csv');
  const rows = Array.from({ length: 8 }, (_, i) => `${Date.UTC(2024, 0, 1) + i * dayMs},100,101,99,100,50`);
  const catalogue = openCatalogue(home);
  // The rate of a currency must be known by the first bar of the run.
  const writeFrom = (from: number) => writeFileSync(bars, `time,open,high,low,close,volume\n${rows.slice(from).join('\n')}\n`);
  for (const [symbol, from] of [
    ['A/USD', 1],
    ['BNB/USD', 0],
  ] as const) {
    writeFrom(from);
    await importBars(catalogue, { path: bars, key: { venue: 'desk', symbol, timeframe: '1d' } });
  }
  writeFileSync(
    join(folder, 'mine.ts'),
    `import { defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'mine', parameters: {},
  fee: ({ sizeBase, isMaker }) => (isMaker ? 0 : sizeBase * 0.25),
  setup() {
    let bar = 0;
    return { onBar({ order }) { if (bar++ === 0) order.market({ side: 1, sizeBase: 10 }); } };
  },
});
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scenario(more: string): string {
  const path = join(folder, 's.yaml');
  const series = '    - { venue: desk, symbol: A/USD, timeframe: 1d }';
  writeFileSync(path, `name: s\ndata:\n  series:\n${series}\nstrategy: { file: ./mine.ts }\n${more}`);
  return path;
}
const resolvedOf = async (more: string) => (await prepareScenario(readScenario(scenario(more), []), home)).resolved;
const rates = 'feeRateMaker: 0, feeRateTaker: 0';
const refusal = (more: string): string => {
  try {
    readScenario(scenario(more), []);
  } catch (error) {
    return (error as Error).message.replaceAll(/^\S*s\.yaml:/gm, '');
  }
  return 'none';
};

describe('the words of a scenario', () => {
  test('say nothing where nothing is asked for', async () => {
    const { costs, liquidity, latency } = settingsOf(await resolvedOf(''));
    expect(costs).toMatchObject({ fees: { kind: 'rate' }, feeCurrency: 'quote', slippageFraction: 0, slippage: null });
    expect(liquidity).toEqual({ volumeShare: null, queue: null });
    expect(latency.order).toEqual({ kind: 'fixed', ms: 0 });
  });

  test.each<[string, string, object]>([
    [
      'costs: { fees: { model: tiers, tiers: [{ from: 0, maker: 0.001, taker: 0.002 }, { from: 5000, maker: 0, taker: 0.001 }] } }',
      'fees',
      {
        kind: 'tiers',
        tiers: [
          { fromQuote: 0, maker: 0.001, taker: 0.002 },
          { fromQuote: 5000, maker: 0, taker: 0.001 },
        ],
      },
    ],
    [
      'costs: { fees: { model: perUnit, amount: 0.005, minimum: 1, maximumFraction: 0.01 } }',
      'fees',
      {
        kind: 'perUnit',
        amountQuote: 0.005,
        minimumQuote: 1,
        maximumQuote: Number.POSITIVE_INFINITY,
        maximumFraction: 0.01,
        boundsOf: 'fill',
      },
    ],
    ['costs: { fees: { model: strategy } }', 'fees', { kind: 'strategy' }],
    ['costs: { slippage: { model: spread, price: 0.02 } }', 'slippage', { kind: 'spread', spreadQuote: 0.02, spreadFraction: 0 }],
    ['costs: { slippage: { model: spread, fraction: 0.02 } }', 'slippage', { kind: 'spread', spreadQuote: 0, spreadFraction: 0.02 }],
    ['costs: { slippage: { model: volumeShare, impact: 0.1 } }', 'slippage', { kind: 'volumeShare', impact: 0.1 }],
    ['costs: { slippage: { model: squareRoot, impact: 0.1 } }', 'slippage', { kind: 'squareRoot', impact: 0.1 }],
  ])('%s', async (yaml, name, rule) => {
    const { costs } = settingsOf(await resolvedOf(yaml));
    expect(costs[name as 'fees' | 'slippage']).toEqual(rule);
  });

  test('of latency are a number or a model', async () => {
    const { latency } = settingsOf(
      await resolvedOf(
        'latency: { order: 50, cancel: { model: uniform, min: 20, max: 80 }, data: { model: lognormal, median: 40, sigma: 0.5 } }',
      ),
    );
    expect(latency).toEqual({
      order: { kind: 'fixed', ms: 50 },
      cancel: { kind: 'uniform', minMs: 20, maxMs: 80 },
      data: { kind: 'lognormal', medianMs: 40, sigma: 0.5 },
    });
  });

  test('change the hash where they ask for something, and only there', async () => {
    const hashOf = async (more: string) => scenarioHash(await resolvedOf(more), {});
    const plain = await hashOf('');
    const written = 'costs: { fees: { model: rate }, slippage: 0, feeIn: quote }\nliquidity: { queue: null }\nlatency: { order: 0 }\n';
    expect(await hashOf(written)).toBe(plain);
    const hashes = await Promise.all(
      [
        'costs: { fees: { model: strategy } }',
        'costs: { slippage: { model: spread, price: 0.02 } }',
        'liquidity: { volumeShare: 0.1 }',
        'liquidity: { queue: 1 }',
        'latency: { order: 1 }',
        'latency: { cancel: 1 }',
        'latency: { data: 1 }',
      ].map(hashOf),
    );
    expect(new Set([plain, ...hashes]).size).toBe(8);
  });
});

describe('refused with file, line and column', () => {
  test.each([
    [
      'costs:\n  fees: { model: tiered }\n',
      '7:18 costs.fees.model: was "tiered", expected one of rate, tiers, perUnit, strategy; did you mean "tiers"?',
    ],
    ['costs:\n  fees: { model: perUnit }\n', '7:9 costs.fees.amount: is missing, expected a number'],
    [
      'costs:\n  fees: { model: tiers, tiers: [{ from: 10, maker: 0, taker: 0 }] }\n',
      '7:32 costs.fees.tiers: expected the first tier from 0',
    ],
    [
      'costs:\n  fees: { model: perUnit, amount: 1, minimum: 5, maximum: 2 }\n',
      '7:59 costs.fees.maximum: was 2, expected maximum to be at least minimum',
    ],
    [
      'costs:\n  feeRateTaker: 0.001\n  fees: { model: perUnit, amount: 1 }\n',
      '7:17 costs.feeRateTaker: was 0.001, expected none beside costs.fees "perUnit": units are charged, not the notional',
    ],
    [
      'costs:\n  feeFixed: 1\n  fees: { model: strategy }\n',
      '7:13 costs.feeFixed: was 1, expected none beside costs.fees "strategy": the strategy says all',
    ],
    [
      'costs:\n  feeIn: base\n  fees: { model: strategy }\n',
      '7:10 costs.feeIn: was "base", expected none beside costs.fees "strategy": a fee in base is a rate of what is bought',
    ],
    [
      'costs:\n  feeIn: { currency: BNB }\n',
      '7:22 costs.feeIn.currency: was "BNB", expected a currency of account.balances: without any of it no fee is ever paid in it',
    ],
    ['costs:\n  slippage: { model: spread }\n', '7:13 costs.slippage: expected either price or fraction'],
    [
      'costs:\n  slippage: { model: spread, price: 1, impact: 2 }\n',
      '7:40 costs.slippage.impact: was an unknown key, expected one of model, price, fraction',
    ],
    ['costs:\n  slippage: { model: linear }\n', '7:22 costs.slippage.model: was "linear", expected one of spread, volumeShare, squareRoot'],
    ['costs:\n  slippage: 2\n', '7:13 costs.slippage: was 2, expected at most 1'],
    ['liquidity:\n  volumeShare: 1.5\n', '7:16 liquidity.volumeShare: was 1.5, expected at most 1'],
    [
      'fills: { limit: touch }\nliquidity:\n  queue: 1\n',
      '8:10 liquidity.queue: was 1, expected no queue with fills.limit "touch": the queue says what a touch fills',
    ],
    [
      'fills: { market: close }\nlatency:\n  order: 5\n',
      '8:10 latency.order: was 5, expected 0 with fills.market "close": what is late cannot fill at the close at which it was sent',
    ],
    ['latency:\n  order: { model: uniform, min: 9, max: 2 }\n', '7:41 latency.order.max: was 2, expected max to be at least min'],
    ['latency:\n  data: -1\n', '7:9 latency.data: was -1, expected at least 0'],
    [
      'semantics: backtesting.py\nliquidity:\n  volumeShare: 0.1\n',
      '8:16 liquidity.volumeShare: was 0.1, expected none under semantics "backtesting.py", which know nothing of the kind',
    ],
  ])('%j', (more, text) => {
    expect(refusal(more)).toBe(text);
  });
});

describe('a run', () => {
  test.each([
    ['fees a unit', `costs: { fees: { model: perUnit, amount: 0.1, minimum: 2 } }`, 'fees', '2'],
    ['fees by tiers', `costs: { fees: { model: tiers, tiers: [{ from: 0, maker: 0, taker: 0.002 }] } }`, 'fees', '2'],
    ['fees by the strategy', `costs: { fees: { model: strategy } }`, 'fees', '2.5'],
    ['slippage by the square root of the share', `costs: { ${rates}, slippage: { model: squareRoot, impact: 0.1 } }`, 'purchases', '1050'],
  ])('with %s is played, stored and verified', async (_, yaml, cause, amount) => {
    const { result, id } = await runScenario(scenario(`${yaml}\n`), { home });
    expect(result.ledger[cause as 'fees' | 'purchases']).toBe(amount);
    expect(await verifyRun(home, id, { timeLimitMs: 60_000 })).toMatchObject({ findings: [], isReplayed: true });
  });

  test('with a share of the volume fills in parts, and late where it is late', async () => {
    const { result } = await runScenario(scenario(`costs: { ${rates} }\nliquidity: { volumeShare: 0.1 }\nlatency: { order: 1 }\n`), {
      home,
      store: false,
    });
    const startMs = Date.UTC(2024, 0, 2);
    expect(result.fills.map((fill) => [(fill.timeMs - startMs) / dayMs, fill.sizeBase])).toEqual([
      [2, 5],
      [3, 5],
    ]);
    expect(result.orders[0].liveMs).toBe(startMs + dayMs + 1);
  });

  test('with fees in a currency of their own', async () => {
    const account = 'account: { balances: { BNB: 1 }, conversions: [{ venue: desk, symbol: BNB/USD, timeframe: 1d }] }\n';
    const costs = 'costs: { feeRateMaker: 0, feeRateTaker: 0.001, feeIn: { currency: BNB, discount: 0.25 } }\n';
    const { result } = await runScenario(scenario(`${account}${costs}`), { home, store: false });
    expect(result.otherLedgers.BNB).toMatchObject({ deposit: '1', fees: '0.0075' });
    expect(result.ledger.fees).toBe('0');
  });

  test('says so where the strategy declares a fee that nobody asks', async () => {
    const { result } = await runScenario(scenario(''), { home, store: false });
    expect(result.warnings).toContain('the strategy declares a fee that was not charged; costs.fees: { model: strategy } charges it');
  });
});
