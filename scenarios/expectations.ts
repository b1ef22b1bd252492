/** Owns the check of a scenario's expect block against a result. Never ends a run: the caller decides. */
import { GateError } from '../engine/errors.ts';
import type { RunResult } from '../engine/result.ts';
import type { Scenario } from './schema.ts';

/** One line of the block with its outcome; text says it in words. */
export interface Expectation {
  readonly name: string;
  readonly isMet: boolean;
  readonly text: string;
}

interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export function checkExpectations(expect: Scenario['expect'], result: RunResult): Expectation[] {
  const outcomes: Expectation[] = [];
  for (const [name, range] of Object.entries(expect.metrics))
    if (range !== undefined) outcomes.push(compare(`metrics.${name}`, range, result.metrics[name]));
  const counts: Readonly<Record<string, number>> = {
    ambiguousBars: result.ambiguousBarCount,
    orders: result.orders.length,
    fills: result.fills.length,
    trades: result.trades.length,
    rejectedOrders: result.orders.filter((order) => order.status === 'rejected').length,
  };
  for (const [name, count] of Object.entries(counts)) {
    const range = expect[name as keyof typeof expect] as Range | undefined;
    if (range !== undefined) outcomes.push(compare(name, range, count));
  }
  if (expect.certificate !== undefined) {
    const isMet = result.certificate.runHash.startsWith(expect.certificate);
    outcomes.push({
      name: 'certificate',
      isMet,
      text: `certificate: was ${result.certificate.runHash.slice(0, expect.certificate.length)}, expected ${expect.certificate}`,
    });
  }
  return outcomes;
}

/** EXPECTATION_FAILED with every line that does not hold, undefined where all do. set: the overrides the scenario was played with. */
export function expectationError(outcomes: readonly Expectation[], set: readonly string[] = []): GateError | undefined {
  const failed = outcomes.filter((outcome) => !outcome.isMet);
  if (failed.length === 0) return undefined;
  const lines = failed.map((outcome) => `expect.${outcome.text}`);
  const isOfFile = !set.some((one) => one.startsWith('expect'));
  if (set.length > 0 && isOfFile) lines.push('the block is of the scenario without --set; leave it out with --set expect={}');
  return new GateError('EXPECTATION_FAILED', lines.join('\n'), { failedCount: failed.length });
}

/** NaN is in no range: a metric that is undefined proves nothing. */
function compare(name: string, range: Range, value: number): Expectation {
  const isMet = value >= (range.min ?? Number.NEGATIVE_INFINITY) && value <= (range.max ?? Number.POSITIVE_INFINITY);
  const bounds = [range.min === undefined ? '' : `at least ${range.min}`, range.max === undefined ? '' : `at most ${range.max}`].filter(
    (part) => part !== '',
  );
  return { name, isMet, text: `${name}: was ${Number.isNaN(value) ? 'undefined' : value}, expected ${bounds.join(' and ')}` };
}
