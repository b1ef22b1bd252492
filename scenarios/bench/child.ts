/** Owns what a benchmark measures in a process of its own: loading from Parquet or cache, checking, peak memory. Prints one JSON line. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalogue } from '../../data/catalogue.ts';
import { loadTape } from '../../data/load-tape.ts';
import { checkQuality } from '../../data/quality.ts';
import { hashTape } from '../../engine/certificate.ts';
import type { Tape } from '../../engine/model/bar.ts';
import { runScenario } from '../run-scenario.ts';
import { median } from './timing.ts';

const [task, home, path, symbols] = process.argv.slice(2);
const key = { venue: 'synthetic', symbol: 'BENCH/USD', timeframe: '1m' as const };

async function timeLoads(isCached: boolean): Promise<void> {
  const catalogue = openCatalogue(home);
  const elapsedMs: number[] = [];
  let tape = await loadOnce();
  async function loadOnce() {
    if (!isCached) rmSync(join(home, 'cache'), { recursive: true, force: true });
    const started = performance.now();
    const loaded = await loadTape(catalogue, key);
    elapsedMs.push(performance.now() - started);
    return loaded;
  }
  for (let k = 0; k < 7; k++) tape = await loadOnce();
  const started = performance.now();
  hashTape([tape], Number.MAX_SAFE_INTEGER - 1);
  const hashMs = performance.now() - started;
  print({ rows: tape.columns.length, firstMs: elapsedMs[0], medianMs: median(elapsedMs.slice(1)), hashMs, ...timeChecks(tape) });
}

/** What is looked at in the bars before every run. */
function timeChecks({ columns }: Tape): { checkFirstMs: number; checkMedianMs: number } {
  const elapsedMs = Array.from({ length: 8 }, () => {
    const started = performance.now();
    checkQuality(columns, { key, instrument: { tickSize: 0.01 } });
    return performance.now() - started;
  });
  return { checkFirstMs: elapsedMs[0], checkMedianMs: median(elapsedMs.slice(1)) };
}

async function measureMemory(): Promise<void> {
  const names = symbols.split(',');
  const series = names.map((symbol) => `{venue: synthetic, symbol: ${symbol}, timeframe: 1m}`).join(', ');
  const { result } = await runScenario(path, { home, store: false, set: [`data.series=[${series}]`] });
  print({
    symbolCount: names.length,
    rows: result.series[0].rowCount,
    fillCount: result.fills.length,
    rssMb: process.resourceUsage().maxRSS / 1024,
  });
}

function print(fields: Record<string, number>): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}

await (task === 'memory' ? measureMemory() : timeLoads(task === 'cached'));
