/** Owns what a scenario may say of a search over its strategy's parameters. Never searches. */
import { z } from 'zod';
import { type MetricName, metricNames } from '../engine/metrics/catalogue.ts';
import { splitCountOf } from '../engine/optimiser/combinatorial.ts';

const value = z.union([z.number(), z.string(), z.boolean()]);

const dimension = z.union([
  z.array(value).min(1).max(100_000).describe('The values to try.'),
  z
    .strictObject({
      from: z.number().describe('Smallest value.'),
      to: z.number().describe('Largest value; the last step may end before it.'),
      step: z.number().positive().optional().describe('Distance of values; default: 1 for whole numbers, none for others.'),
      scale: z.enum(['linear', 'log']).optional().describe('How random and sobol searches spread values over the range; default linear.'),
    })
    .describe('A range of values to try.'),
]);

/** A metric by its name; with a minus before it the smallest is the best. */
const objectives = metricNames.flatMap((name) => [name, `-${name}` as const]);

export const searchSchema = z
  .strictObject({
    method: z
      .enum(['grid', 'random', 'sobol', 'tpe'])
      .default('grid')
      .describe(
        'grid tries every set; random, sobol and tpe try as many as trials says: sobol more evenly, tpe where trials before did well (by objective and constraints).',
      ),
    trials: z.int().min(1).max(10_000_000).default(100).describe('Parameter sets to try; a grid tries all of its own.'),
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('Seed of the sets that are drawn.'),
    batch: z
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe('Sets that tpe proposes on the same results, and threads play at once: larger fills more threads, smaller finds more.'),
    halving: z
      .strictObject({
        eta: z.int().min(2).max(100).default(3).describe('One of so many sets goes on to the next rung, which is so many times as long.'),
        rungs: z.int().min(2).max(20).default(3).describe('How many rungs; the last of them plays the whole window.'),
      })
      .optional()
      .describe(
        'Successive halving: every set is played on a first part of the window, the best by the objective alone on ever longer ones, and only those left on the whole, of which alone constraints are asked; not with tpe.',
      ),
    parameters: z
      .record(z.string(), dimension)
      .default({})
      .describe('By parameter of the strategy the values to try; parameters left out keep the value of strategy.parameters.'),
    where: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Conditions between parameters: ["fast < slow"]; sets for which one does not hold are not tried.'),
    objective: z
      .enum(objectives as [MetricName, ...(MetricName | `-${MetricName}`)[]])
      .default('sharpeRatio')
      .describe('The metric by which trials are ranked, the largest first; with a minus before it the smallest.'),
    constraints: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe(
        'Conditions on metrics: ["drawdownFractionMax < 0.25", "tradeCount >= 30"]; a trial for which one does not hold ranks behind all others.',
      ),
  })
  .describe('A search over the parameters of the strategy, for "playhead sweep"; not hashed with a run.');

export type SearchSettings = z.output<typeof searchSchema>;

/** A minute is the shortest bar there is. */
const days = z
  .number()
  .min(1 / 1_440)
  .max(100_000);
const bars = z.int().positive().max(1_000_000_000);

interface Lengths {
  readonly positions: 'flatten' | 'handOver' | 'carry';
  readonly trainDays?: number | undefined;
  readonly testDays?: number | undefined;
  readonly purgeDays?: number | undefined;
  readonly trainBars?: number | undefined;
  readonly testBars?: number | undefined;
  readonly purgeBars?: number | undefined;
  readonly groups?: number | undefined;
  readonly testGroups?: number | undefined;
  readonly embargoDays?: number | undefined;
}

function windowFaults(value: Lengths): string[] {
  const inDays = value.trainDays !== undefined && value.testDays !== undefined;
  const inBars = value.trainBars !== undefined && value.testBars !== undefined;
  const mixed = inDays
    ? (value.trainBars ?? value.testBars ?? value.purgeBars) !== undefined
    : (value.trainDays ?? value.testDays ?? value.purgeDays) !== undefined;
  const faults = inDays === inBars || mixed ? ['expected trainDays and testDays, or trainBars and testBars, and not both'] : [];
  if ((value.groups ?? value.testGroups) !== undefined) faults.push('groups and testGroups are of scheme: combinatorial');
  // What lies behind a test is trained on by later folds alone, to which the test is the past.
  if (value.embargoDays !== undefined)
    faults.push(
      'embargoDays is of scheme: combinatorial; a rolling or anchored fold trains on nothing behind its test, and purgeDays parts the two',
    );
  return faults;
}

/** More would take longer than playing the trials, and their paths tell nothing more. */
const splitCountMax = 1_000;

function combinatorialFaults(value: Lengths): string[] {
  const { trainDays, testDays, trainBars, testBars, purgeBars, positions, groups = 6, testGroups = 2 } = value;
  const faults: string[] = [];
  if ((trainDays ?? testDays ?? trainBars ?? testBars ?? purgeBars) !== undefined)
    faults.push(
      'combinatorial cuts days into groups: expected groups, testGroups, purgeDays and embargoDays, and no lengths of training and test',
    );
  if (positions !== 'flatten')
    faults.push(`positions was ${positions}: combinatorial plays each set once and cuts its days, so that there are no seams`);
  if (testGroups >= groups) faults.push(`testGroups was ${testGroups} of ${groups} groups, expected fewer than groups`);
  else {
    const splitCount = splitCountOf({ groupCount: groups, testGroupCount: testGroups });
    if (splitCount > splitCountMax)
      faults.push(`${testGroups} of ${groups} groups can be chosen in ${splitCount} ways, expected ${splitCountMax} or fewer`);
  }
  return faults;
}

export const walkForwardSchema = z
  .strictObject({
    scheme: z
      .enum(['rolling', 'anchored', 'combinatorial'])
      .default('rolling')
      .describe(
        'rolling: training is as long for each test and moves on with it; anchored: it always begins where the window does; combinatorial: days are cut into groups, of which every choice of testGroups is tested with parameters chosen on the others.',
      ),
    positions: z
      .enum(['flatten', 'handOver', 'carry'])
      .default('flatten')
      .describe(
        'What becomes of positions where the next parameters take over. flatten: closed at the last close of each test. handOver: the next parameters find them and decide; orders at rest and protections are cancelled. carry: the old parameters may only reduce them, and the next take over once all are closed.',
      ),
    trainDays: days.optional().describe('Length of training, in days; or trainBars.'),
    testDays: days.optional().describe('Length of each test, in days; or testBars.'),
    groups: z.int().min(2).max(100).optional().describe('combinatorial: groups of days; default 6.'),
    testGroups: z.int().min(1).max(50).optional().describe('combinatorial: groups tested at a time; default 2.'),
    purgeDays: z
      .number()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Time between training and test that neither uses, of combinatorial on both sides of each stretch of tests; default 0.'),
    embargoDays: z
      .number()
      .min(0)
      .max(100_000)
      .optional()
      .describe('combinatorial: as much more behind each stretch of tests that no training uses; default 0.'),
    trainBars: bars.optional().describe("Length of training, in bars of the scenario's first series."),
    testBars: bars.optional().describe('Length of each test, in bars.'),
    purgeBars: z.int().min(0).max(1_000_000_000).optional().describe('Bars between training and test that neither uses; default 0.'),
  })
  .superRefine((value, context) => {
    for (const message of value.scheme === 'combinatorial' ? combinatorialFaults(value) : windowFaults(value))
      context.addIssue({ code: 'custom', message });
  })
  .describe('How "playhead walkforward" chooses parameters again and again, each time on what was known then; not hashed with a run.');

export type WalkForwardSettings = z.output<typeof walkForwardSchema>;
