/** Owns playhead's row in a bench of several engines: the same rule on bars from PEERBENCH_HOME. Prints one RESULT line for its last argument: single or multi. */
import { join } from 'node:path';
import { noLatency } from '../../engine/costs/latency.ts';
import { Workspace } from '../../engine/logs.ts';
import type { Tape } from '../../engine/model/bar.ts';
import type { Instrument } from '../../engine/model/instrument.ts';
import { type Outcome, type PlayInput, playTrial } from '../../engine/play.ts';
import { plainAccount, plainCosts, playheadSemantics, type RunSettings, unlimitedLiquidity } from '../../engine/settings.ts';
import { compileStrategy } from '../../strategies/evaluate.ts';
import { bundleStrategy } from '../../strategies/loader.ts';
import { packageRoot } from '../../strategies/locate.ts';
import { readPeerBars } from './peer-bars.ts';
import { timed } from './timing.ts';

const workload = process.argv.at(-1);
const recording = process.argv.includes('--metrics') ? 'metrics' : 'full';

function readTape(file: string, symbol: string): Tape {
  return { key: { venue: 'peer', symbol, timeframe: '1m' }, columns: readPeerBars(file), isSynthetic: true };
}

function instrumentOf(symbol: string): Instrument {
  const validity = { validFromMs: 0, validToMs: Number.MAX_SAFE_INTEGER };
  const grid = { tickSize: 0.01, lotSize: 1e-8, minimumNotionalQuote: 0, baseDecimals: 8, quoteDecimals: 8, multiplier: 1 };
  return {
    venue: 'peer',
    symbol,
    baseCurrency: symbol,
    quoteCurrency: 'USD',
    ...grid,
    feeRateMaker: 0.001,
    feeRateTaker: 0.001,
    ...validity,
  };
}

const settings: RunSettings = {
  window: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER - 1 },
  initialCapitalQuote: 1_000_000,
  account: plainAccount,
  costs: plainCosts,
  liquidity: unlimitedLiquidity,
  latency: noLatency,
  risk: { riskPerTrade: 0.01, positionFractionMax: Number.POSITIVE_INFINITY, drawdownHaltFraction: 1, sizeBufferFraction: 0.01 },
  ambiguity: 'pessimistic',
  branches: [],
  semantics: playheadSemantics,
  seed: 1,
  metrics: { periodsPerYear: 365, riskFreeAnnual: 0 },
  replay: 'unfiltered',
};

async function inputOf(strategyFile: string, tapes: readonly Tape[]): Promise<PlayInput> {
  const root = packageRoot();
  const bundle = await bundleStrategy(join(root, 'scenarios', 'bench', strategyFile), { root });
  const hashes = { strategyHash: bundle.strategyHash, scenarioHash: 'peer', engineHash: 'peer' };
  const instruments = tapes.map((tape) => instrumentOf(tape.key.symbol));
  return { tapes, instruments, settings, strategy: compileStrategy(bundle.code), parameters: {}, hashes, recording };
}

function report(outcome: Outcome, timing: { firstMs: number; medianMs: number; settledMs: number }, bars: number): void {
  const orders = outcome.run.fills.length;
  const seconds = { cold: timing.firstMs / 1000, seconds: timing.medianMs / 1000, hot: timing.settledMs / 1000 };
  const answer = {
    orders,
    trades: outcome.run.portfolio.trades.length,
    equity: outcome.metrics.equityQuoteFinal,
    drawdown: outcome.metrics.drawdownFractionMax,
  };
  const rss = { rss_mb: Math.round(process.resourceUsage().maxRSS / 1024), child_rss_mb: 0 };
  process.stdout.write(
    `RESULT ${JSON.stringify({ engine: `playhead, ${recording}`, version: process.version, workload, bars, ...seconds, ...answer, ...rss })}\n`,
  );
}

if (workload === 'single' || workload === 'multi') {
  const files = workload === 'single' ? ['bars-525600'] : Array.from({ length: 20 }, (_, i) => `symbol-${String(i).padStart(2, '0')}`);
  const input = await inputOf(
    workload === 'single' ? 'cross.ts' : 'cross-many.ts',
    files.map((file) => readTape(file, `${file}/USD`)),
  );
  const workspace = new Workspace();
  const { timing, result } = timed(() => playTrial({ ...input, workspace }));
  report(
    result,
    timing,
    input.tapes.reduce((sum, tape) => sum + tape.columns.length, 0),
  );
}
