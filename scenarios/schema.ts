/** Owns what a scenario file may say: every field with its type, range, default and description. Never reads a file. */
import { z } from 'zod';
import { defaultQualityPolicy, type QualityKind, qualityKinds } from '../data/quality.ts';
import { type MetricName, metricCatalogue, metricNames } from '../engine/metrics/catalogue.ts';
import { timeframeMs, timeframes } from '../engine/model/timeframe.ts';
import { canResample } from '../engine/resample.ts';
import { type SemanticsProfile, semanticsProfiles } from '../engine/settings.ts';
import { accountSchema } from './account-schema.ts';
import { costFaults, costsSchema, latencySchema, liquiditySchema } from './costs-schema.ts';
import { riskConflicts, riskSchema } from './risk-schema.ts';
import { searchSchema, walkForwardSchema } from './search-schema.ts';
import { utcMsOf } from './utc-time.ts';

const positive = z.number().positive();

/** Bounds of one figure; both ends are included. */
const range = z
  .strictObject({
    min: z.number().optional().describe('Smallest value that passes.'),
    max: z.number().optional().describe('Largest value that passes.'),
  })
  .refine((value) => value.min !== undefined || value.max !== undefined, { error: 'expected min, max or both' })
  .refine((value) => value.min === undefined || value.max === undefined || value.min <= value.max, {
    error: 'expected min to be at most max',
  });

const text = (description: string) => z.string().min(1).max(200).describe(description);

const series = z
  .strictObject({
    venue: text('Where it trades, as named at import: "binance".'),
    symbol: text('What trades: "BTC/USDT".'),
    timeframe: z.enum(timeframes).describe('Length of a bar; "1M" is a calendar month in UTC.'),
    from: z
      .enum(timeframes)
      .optional()
      .describe('Makes the bars at load from the shorter ones of this timeframe in the catalogue; default: the series is stored as it is.'),
  })
  .superRefine(({ timeframe, from }, context) => {
    if (from === undefined || canResample(from, timeframe)) return;
    const able = timeframes.filter((shorter) => canResample(shorter, timeframe)).join(', ');
    context.addIssue({
      code: 'custom',
      path: ['from'],
      message:
        able === ''
          ? `expected no from: nothing shorter makes ${timeframe}`
          : `expected one of ${able}, which make whole bars of ${timeframe}`,
    });
  })
  .describe('One series of bars in the catalogue.');

const date = z
  .string()
  .refine((value) => Number.isFinite(utcMsOf(value)), { error: 'expected a UTC date like 2024-01-31 or 2024-01-31T09:30:00Z' })
  .meta({ examples: ['2024-01-31', '2024-01-31T09:30:00Z'] });

const quality = z
  .strictObject(
    Object.fromEntries(
      Object.entries(qualityKinds).map(([kind, words]) => {
        const actions = kind === 'gap' ? (['reject', 'flag', 'fill-flat'] as const) : (['reject', 'flag'] as const);
        const about = kind === 'gap' ? 'missing bars; fill-flat adds flat bars of no volume in memory, counted in the report' : words;
        return [
          kind,
          z
            .enum(actions)
            .default(defaultQualityPolicy[kind as QualityKind])
            .describe(`What is done about ${about}.`),
        ];
      }),
    ) as Record<QualityKind, z.ZodDefault<z.ZodEnum<{ reject: 'reject'; flag: 'flag'; 'fill-flat': 'fill-flat' }>>>,
  )
  .describe('What is done about each kind of defect: reject ends the run, flag reports it.');

const data = z
  .strictObject({
    series: z
      .array(series)
      .min(1)
      .max(200)
      .refine((all) => new Set(all.map((one) => `${one.venue}\0${one.symbol}\0${one.timeframe}`)).size === all.length, {
        error: 'expected each series once',
      })
      .describe("The series played, the first one being the strategy's main series."),
    from: date.optional().describe('First moment of trading, UTC; default: the first bar. History before it still feeds the indicators.'),
    to: date.optional().describe('End of trading, UTC, exclusive; default: the end of the last bar.'),
    quality: quality.prefault({}),
  })
  .superRefine(({ from, to }, context) => {
    if (from === undefined || to === undefined || !(utcMsOf(from) >= utcMsOf(to))) return;
    const message = `expected a moment later than from, which is "${from}"`;
    context.addIssue({ code: 'custom', path: ['to'], message, params: { otherPaths: [['data', 'from']] } });
  })
  .describe('The market data.');

const strategy = z
  .strictObject({
    use: text('A shipped strategy by its name: "moving-average-cross".').optional(),
    file: text('A strategy of your own: a relative path from this file, "./strategies/my-first.ts".').optional(),
    parameters: z
      .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
      .default({})
      .describe("Values for the strategy's parameters; the others keep their defaults."),
  })
  .refine((value) => (value.use === undefined) !== (value.file === undefined), {
    error: 'expected either use (a shipped strategy) or file (your own), and not both',
  })
  .describe('The strategy and its parameters.');

const fills = z
  .strictObject({
    limit: z
      .enum(['penetrate', 'touch'])
      .optional()
      .describe('A limit fills when the price goes through it, or on a touch; default: as the semantics say (penetrate).'),
    market: z
      .enum(['nextOpen', 'close'])
      .optional()
      .describe(
        'A market order fills at the next open, or at the close at which it was sent, which is optimistic and marked so; default: as the semantics say (nextOpen).',
      ),
    ambiguous: z
      .enum(['pessimistic', 'optimistic', 'path', 'refine'])
      .default('pessimistic')
      .describe(
        'Which of two orders fills first when one bar could fill both in either sequence: the worse, the better, the one on the way open, nearer extreme, other extreme, close, or the one that finer bars show.',
      ),
    refineWith: z
      .enum(timeframes)
      .optional()
      .describe('Timeframe of the finer bars in the catalogue that decide ambiguous bars; with ambiguous: refine.'),
  })
  .superRefine(({ ambiguous, refineWith }, context) => {
    if ((ambiguous === 'refine') === (refineWith !== undefined)) return;
    const message =
      refineWith === undefined
        ? 'expected the timeframe of finer bars in the catalogue beside ambiguous: refine, such as 1m'
        : 'expected ambiguous: refine beside it';
    context.addIssue({ code: 'custom', path: ['refineWith'], message });
  });

const metrics = z.strictObject({
  periodsPerYear: positive
    .nullable()
    .default(null)
    .describe(
      'Returns in a year for annualised figures; null: 252 for bars up to a day that keep sessions, 365 for those that include weekends, 365/3 for 3d, 52 for 1w, 12 for 1M.',
    ),
  riskFree: z.number().gt(-1).max(1).default(0).describe('Risk-free rate a year, as a fraction.'),
});

const output = z.strictObject({
  report: text('Where the HTML report is written, from the working directory; default: beside the stored run.').optional(),
});

const metricRanges = z.strictObject(
  Object.fromEntries(
    metricNames.map((name) => [name, range.optional().describe(`${metricCatalogue[name].label}: ${metricCatalogue[name].convention}.`)]),
  ) as Record<MetricName, z.ZodOptional<typeof range>>,
);

const expect = z
  .strictObject({
    metrics: metricRanges.prefault({}).describe('Bounds of metrics by name: { sharpeRatio: { min: 0.5 } }.'),
    ambiguousBars: range.optional().describe('Bounds of the number of ambiguous bars.'),
    orders: range.optional().describe('Bounds of the number of orders.'),
    fills: range.optional().describe('Bounds of the number of fills.'),
    trades: range.optional().describe('Bounds of the number of closed trades.'),
    rejectedOrders: range.optional().describe('Bounds of the number of rejected orders.'),
    certificate: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/, { error: 'expected 8 to 64 hexadecimal digits of a run hash' })
      .optional()
      .describe('The run hash, or its first digits.'),
  })
  .describe('Makes the scenario a test: where a line does not hold the run ends with exit code 4.');

export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; not read.'),
    name: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$/u, { error: 'expected 1 to 80 letters, digits, spaces, dots, dashes or underscores' })
      .describe('Name of the scenario in lists and reports.'),
    description: z.string().max(2000).optional().describe('What the scenario is for.'),
    extends: text('Another scenario this one starts from: a relative path. Blocks are merged, lists replaced.').optional(),
    data,
    strategy,
    account: accountSchema(series).prefault({}).describe('The account that trades.'),
    costs: costsSchema.prefault({}).describe("What trading costs, beyond the instrument's rules."),
    liquidity: liquiditySchema.prefault({}).describe('How much of the volume there is for our orders.'),
    latency: latencySchema.prefault({}).describe('How late messages are.'),
    risk: riskSchema.prefault({}).describe('Limits that stand between the strategy and the broker.'),
    fills: fills.prefault({}).describe('How orders meet bars.'),
    endOfRun: z
      .enum(['keepOpen', 'closeAtLastClose'])
      .optional()
      .describe(
        'Positions open at the end stay open, marked at the last close, or are closed there; default: as the semantics say (keepOpen).',
      ),
    semantics: z
      .enum(Object.keys(semanticsProfiles) as SemanticsProfile[])
      .default('playhead')
      .describe('Rules of another engine, to compare with it; such a run cannot be promoted.'),
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('Seed of the random numbers offered to the strategy.'),
    replay: z
      .enum(['sparse', 'dense', 'unfiltered'])
      .default('sparse')
      .describe(
        'dense calls the strategy where a wake condition holds, sparse also leaps over bars on which nothing can happen, unfiltered calls at every bar. Not hashed.',
      ),
    metrics: metrics.prefault({}).describe('Conventions of the metrics.'),
    search: searchSchema.prefault({}),
    walkforward: walkForwardSchema.optional(),
    output: output.prefault({}).describe('What is written; not hashed.'),
    expect: expect.prefault({}),
  })
  .superRefine(({ data: { series: all }, fills: { refineWith } }, context) => {
    const long = refineWith === undefined ? undefined : all.find(({ timeframe }) => timeframeMs(timeframe) <= timeframeMs(refineWith));
    if (long === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['fills', 'refineWith'],
      message: `expected bars shorter than those of every series; ${long.symbol} has ${long.timeframe}`,
    });
  })
  .superRefine((scenario, context) => {
    for (const { field, message } of riskConflicts(scenario.risk, scenario))
      context.addIssue({ code: 'custom', path: ['risk', field], message });
    for (const { path, message } of costFaults(scenario)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .describe('A playhead scenario: data, strategy, costs and risk of one run.');

export type Scenario = z.output<typeof scenarioSchema>;

/** The part of JSON Schema that a walk along a path needs. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | false;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly description?: string;
}

/** The JSON Schema (draft 2020-12) that editors read; committed as scenario.schema.json. */
export function scenarioJsonSchema(): SchemaNode & Record<string, unknown> {
  const generated = z.toJSONSchema(scenarioSchema, { io: 'input' }) as Record<string, unknown>;
  return { title: 'playhead scenario', ...generated };
}
