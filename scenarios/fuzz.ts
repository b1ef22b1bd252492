/**
 * Owns "npm run fuzz": plays random programs at the engine and at the naive broker, or with --against dense at sparse and dense replay, and prints in
 * what they differ. Never judges who is right.
 */
import { parseArgs } from 'node:util';
import { compareSeed } from '../engine/testing/compare-program.ts';
import { compareReplaySeed } from '../engine/testing/compare-replays.ts';
import { paceOf } from './progress.ts';

const shownMax = 10;
const progressEveryMs = 10_000;

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    against: { type: 'string', default: 'naive' },
  },
});
const compare = { naive: compareSeed, dense: compareReplaySeed }[values.against];
if (compare === undefined) {
  process.stderr.write(`fuzz: --against was "${values.against}", expected naive or dense\n`);
  process.exit(2);
}
const programCount = wholeNumber('programs', values.programs, 1);
const firstSeed = wholeNumber('seed', values.seed, 0);

const startedMs = performance.now();
let nextMs = progressEveryMs;
let fillCount = 0;
let differenceCount = 0;
for (let i = 0; i < programCount; i++) {
  const { fillCount: fills, difference } = compare(firstSeed + i);
  fillCount += fills;
  if (difference !== '') {
    differenceCount++;
    if (differenceCount <= shownMax) process.stdout.write(`${difference}\n\n`);
  }
  const elapsedMs = performance.now() - startedMs;
  if (elapsedMs < nextMs) continue;
  nextMs = elapsedMs + progressEveryMs;
  const { rate, left } = paceOf(i + 1, programCount, elapsedMs);
  process.stderr.write(`${i + 1} of ${programCount} programs, ${rate}/s, ${left} left, ${differenceCount} differ\n`);
}
process.stdout.write(
  `${programCount} programs (seeds ${firstSeed} to ${firstSeed + programCount - 1}), ${fillCount} fills, ${differenceCount} differences\n`,
);
process.exitCode = differenceCount === 0 ? 0 : 4;

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`fuzz: --${name} was "${text}", expected a whole number from ${least} on\n`);
  process.exit(2);
}
