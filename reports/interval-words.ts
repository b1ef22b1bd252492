/** Owns the words of an interval: its rows, and what a reader must know of them. Never computes a range. */
import {
  ambiguousBarsMax,
  type Interval,
  type IntervalFigures,
  type IntervalPolicy,
  type IntervalRanges,
  intervalFigures,
} from '../engine/interval/interval.ts';
import type { Currency } from './currency.ts';
import { counted, fixed, money, percent, percentSigned, undefinedMark } from './format.ts';
import { ambiguousBarsText, metricLine, metricText } from './metric-view.ts';

const policyNames: Readonly<Record<IntervalPolicy, string>> = {
  pessimistic: 'pessimistic',
  optimistic: 'optimistic',
  path: 'path',
  refine: 'refine',
  refineOptimistic: 'refine, rest optimistic',
};

/** Heads of the columns; all but the first and the last hold numbers. */
export const intervalTitles: readonly string[] = [
  'Policy',
  ...intervalFigures.map((name) => metricLine(name, {}).label),
  'Ambiguous bars',
  'Trial hash',
];

/** True where no figure depends on the policy, nor on any branch: there is no range to be shown. */
export function policiesAgree({ envelope, branches }: Interval): boolean {
  const isPoint = (ranges: IntervalRanges): boolean => intervalFigures.every((name) => ranges[name].lowest === ranges[name].highest);
  return isPoint(envelope) && (branches === null || isPoint(branches.ranges));
}

/** A row for each policy, then, where they do not agree, the lowest and the highest of each figure: of the policies, and of all branches where they were played. */
export function intervalRows(interval: Interval, currency: Currency): string[][] {
  const { policy: own, policies, envelope, branches } = interval;
  const rows = policies.map(({ policy, figures, trialHash, ...counts }) => [
    policy === own ? `${policyNames[policy]} (this run)` : policyNames[policy],
    ...textsOf(figures, currency),
    ambiguousBarsText(counts),
    trialHash.slice(0, 12),
  ]);
  if (policiesAgree(interval)) return rows;
  return [
    ...rows,
    ...edgeRows('of these', envelope, currency),
    ...(branches === null ? [] : edgeRows('of all branches', branches.ranges, currency)),
  ];
}

function textsOf(figures: IntervalFigures, currency: Currency): string[] {
  return intervalFigures.map((name) => metricText(name, { [name]: figures[name] ?? Number.NaN }, currency));
}

function edgeRows(of: string, ranges: IntervalRanges, currency: Currency): string[][] {
  return (['lowest', 'highest'] as const).map((edge) => [
    `${edge} ${of}`,
    ...intervalFigures.map((name) => metricText(name, { [name]: ranges[name][edge] ?? Number.NaN }, currency)),
    '',
    '',
  ]);
}

/** What the rows are and are not, one sentence a line. */
export function intervalNotes(interval: Interval, currency: Currency): string[] {
  return [
    policiesAgree(interval)
      ? `All ${interval.policies.length} policies give the same figures: how ambiguous bars are decided makes no difference to this run.`
      : 'The envelope is the range of the policies named above, not a bound: what happened inside the bars may lie outside it.',
    branchesNote(interval),
    refinementNote(interval, currency),
  ];
}

function branchesNote({ policies, branches }: Interval): string {
  if (branches === null) {
    const bars = fixed(policies[0].ambiguousBarCount, 0);
    return `Branching was left out: ${bars} bars are ambiguous, and at most ${ambiguousBarsMax} are branched over.`;
  }
  const { leafCount, outcomeCount, isWhole, assumedBarCount } = branches;
  if (leafCount === 1 && assumedBarCount === 0) return 'No bar is in doubt: there is one branch, the run itself.';
  const plays = `${counted(leafCount, 'branch', 'branches')}, ${fixed(outcomeCount, 0)} of them different`;
  const assumed = assumedBarCount === 0 ? '' : ` Up to ${counted(assumedBarCount, 'bar')} of a branch stayed assumed.`;
  return isWhole
    ? `Both outcomes of each ambiguous bar in every combination make ${plays}: the range of all branches is exact.${assumed}`
    : `Branching stopped at ${plays}: more were left, and their range is of those alone.${assumed}`;
}

function refinementNote({ policies, refinement }: Interval, currency: Currency): string {
  if (refinement === null) return 'Nothing was refined: no finer bars of every instrument are stored.';
  const { ambiguousBarCount, notRefinedBarCount, before, after } = refinement;
  const misfits = notRefinedBarCount === 0 ? '' : ` (${fixed(notRefinedBarCount, 0)} without finer bars that fit)`;
  const remain = ambiguousBarCount === 1 ? 'remains' : 'remain';
  const bars = `${fixed(ambiguousBarCount, 0)} of ${counted(policies[0].ambiguousBarCount, 'ambiguous bar')} ${remain}${misfits}`;
  const range = `between pessimistic and optimistic the equity at the end ranges over ${rangeChange(before, after, currency)}`;
  return `Refined with bars of ${refinement.with}, ${bars}; ${range}.`;
}

/** "812.20 before and 12.10 after, 98.51% less". */
function rangeChange(before: IntervalRanges, after: IntervalRanges, currency: Currency): string {
  const [was, is] = [widthOf(before), widthOf(after)];
  const less = 1 - is / was;
  const change = was === 0 ? '' : less < 0 ? `, ${percent(-less)} more` : `, ${percent(less)} less`;
  return `${money(was, currency)} before and ${money(is, currency)} after${change}`;
}

function widthOf({ equityQuoteFinal: { lowest, highest } }: IntervalRanges): number {
  return (highest ?? Number.NaN) - (lowest ?? Number.NaN);
}

/** The two lines of a summary. */
export function intervalLines(interval: Interval, currency: Currency): [string, string] {
  const { policies, envelope, branches, refinement } = interval;
  const { equityQuoteFinal: equity, returnFraction: fraction } = envelope;
  const amount = (value: number) => money(value, currency);
  const ends = `equity at the end ${edges(equity, amount)}, return ${edges(fraction, percentSigned)}`;
  const exact =
    branches === null
      ? `no branches: ${fixed(policies[0].ambiguousBarCount, 0)} bars are ambiguous`
      : `${branches.leafCount === 1 ? 'the one branch' : `${branches.isWhole ? 'all' : 'the first'} ${fixed(branches.leafCount, 0)} branches`} ${edges(branches.ranges.equityQuoteFinal, amount)}`;
  const refined =
    refinement === null
      ? 'not refined'
      : `refined with ${refinement.with} ${edges(refinement.after.equityQuoteFinal, amount)}, ${counted(refinement.ambiguousBarCount, 'ambiguous bar')} left`;
  return [`${ends}: the range of ${policies.length} policies, not a bound`, `${refined} · ${exact}`];
}

function edges({ lowest, highest }: { lowest: number | null; highest: number | null }, write: (value: number) => string): string {
  if (lowest === null || highest === null) return undefinedMark;
  return lowest === highest ? write(lowest) : `${write(lowest)} to ${write(highest)}`;
}
