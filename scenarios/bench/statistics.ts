/** Owns "npm run bench:statistics": what the statistics of luck cost on 1,000 trials of 2,000 days of noise, each with the hash of what it found. */
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { stationaryBlockLength } from '../../engine/optimiser/statistics/block-length.ts';
import { bootstrapInterval } from '../../engine/optimiser/statistics/bootstrap-interval.ts';
import { testDataSnooping } from '../../engine/optimiser/statistics/data-snooping.ts';
import { trialsByAverageCorrelation } from '../../engine/optimiser/statistics/effective-trials.ts';
import { probabilityOfOverfitting } from '../../engine/optimiser/statistics/overfitting.ts';
import { createRandom } from '../../engine/random.ts';
import { median } from './timing.ts';

const columnCount = 1_000;
const rowCount = 2_000;
const random = createRandom(1);
const columns = Array.from({ length: columnCount }, () => Float64Array.from({ length: rowCount }, () => 0.01 * random.normal()));
const resampling = { replicateCount: 500, blockLengthMean: stationaryBlockLength(columns[0]), seed: 1 };
const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const cases: Readonly<Record<string, { readonly work: () => unknown; readonly aimMs: number | null }>> = {
  'PBO, 16 blocks': { work: () => probabilityOfOverfitting(columns, { blockCount: 16, ratePerPeriod: 0 }), aimMs: 1_000 },
  'White and Hansen, 500 replicates': { work: () => testDataSnooping(columns, resampling), aimMs: 2_000 },
  'effective trials': { work: () => trialsByAverageCorrelation(columns), aimMs: null },
  'interval of one, 500 replicates': {
    work: () => bootstrapInterval(columns[0], meanOf, { ...resampling, confidence: 0.95 }),
    aimMs: null,
  },
};

process.stdout.write(
  `${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.version}; ${columnCount} trials × ${rowCount} days, one thread, first and median of five\n`,
);
for (const [name, { work, aimMs }] of Object.entries(cases)) {
  const elapsedMs: number[] = [];
  let found: unknown;
  for (let k = 0; k < 5; k++) {
    const started = performance.now();
    found = work();
    elapsedMs.push(performance.now() - started);
  }
  const hash = createHash('sha256').update(JSON.stringify(found)).digest('hex').slice(0, 16);
  const aim = aimMs === null ? '' : `; aim ${aimMs} ms`;
  process.stdout.write(`${name.padEnd(34)} ${elapsedMs[0].toFixed(0)} ms, ${median(elapsedMs).toFixed(0)} ms${aim}; found ${hash}\n`);
}
