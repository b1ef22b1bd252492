/** Owns what a scenario may say of a search over its strategy's parameters. Never searches. */
import { z } from 'zod';
import { type MetricName, metricNames } from '../engine/metrics/catalogue.ts';

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
        'Successive halving: every set is played on a first part of the window, the best (by objective and constraints) on ever longer ones, and only those left on the whole; not with tpe.',
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

const days = z.number().positive().max(100_000);
const bars = z.int().positive().max(1_000_000_000);

export const walkForwardSchema = z
  .strictObject({
    scheme: z
      .enum(['rolling', 'anchored'])
      .default('rolling')
      .describe('rolling: training is as long for each test and moves on with it; anchored: it always begins where the window does.'),
    positions: z
      .enum(['flatten', 'handOver', 'carry'])
      .default('flatten')
      .describe(
        'What becomes of positions where the next parameters take over. flatten: closed at the last close of each test. handOver: the next parameters find them and decide; orders at rest and protections are cancelled. carry: the old parameters may only reduce them, and the next take over once all are closed.',
      ),
    trainDays: days.optional().describe('Length of training, in days; or trainBars.'),
    testDays: days.optional().describe('Length of each test, in days; or testBars.'),
    purgeDays: z.number().min(0).max(100_000).optional().describe('Time between training and test that neither uses; default 0.'),
    trainBars: bars.optional().describe("Length of training, in bars of the scenario's first series."),
    testBars: bars.optional().describe('Length of each test, in bars.'),
    purgeBars: z.int().min(0).max(1_000_000_000).optional().describe('Bars between training and test that neither uses; default 0.'),
  })
  .superRefine((value, context) => {
    const inDays = value.trainDays !== undefined && value.testDays !== undefined;
    const inBars = value.trainBars !== undefined && value.testBars !== undefined;
    const mixed = inDays
      ? (value.trainBars ?? value.testBars ?? value.purgeBars) !== undefined
      : (value.trainDays ?? value.testDays ?? value.purgeDays) !== undefined;
    if (inDays === inBars || mixed)
      context.addIssue({ code: 'custom', message: 'expected trainDays and testDays, or trainBars and testBars, and not both' });
  })
  .describe('How "playhead walkforward" chooses parameters again and again, each time on what was known then; not hashed with a run.');

export type WalkForwardSettings = z.output<typeof walkForwardSchema>;
