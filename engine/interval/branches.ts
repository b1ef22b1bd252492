/**
 * Owns the tree of branches: every combination of both outcomes of each bar in doubt. Never decides a bar.
 *
 * One play is one leaf: it takes the choices it is given, and the pessimistic one at every bar in doubt behind them. At each of those the other
 * choice opens a branch of its own, which may meet other bars in doubt.
 */
import { hashFills } from '../certificate.ts';
import type { Outcome } from '../play.ts';
import { type Branches, figuresOf, type IntervalFigures, leavesMax, rangesOf } from './interval.ts';

export type Choice = 'pessimistic' | 'optimistic';

/** playLeaf plays the run with these choices; onLeaf is told how many leaves are played and how many are known of. */
export function playBranches(
  playLeaf: (choices: readonly Choice[]) => Outcome,
  onLeaf: (playedCount: number, knownCount: number) => void,
): Branches {
  const open: Choice[][] = [[]];
  const outcomes = new Set<string>();
  const figures: IntervalFigures[] = [];
  let leafCount = 0;
  let assumedBarCount = 0;
  while (open.length > 0 && leafCount < leavesMax) {
    const choices = open.pop() as Choice[];
    const { run, broker, metrics } = playLeaf(choices);
    const { choiceCount, ambiguousBarCount } = broker.doubts;
    leafCount++;
    assumedBarCount = Math.max(assumedBarCount, ambiguousBarCount - choiceCount);
    const fillsHash = hashFills(run.fills.toArray());
    if (!outcomes.has(fillsHash)) figures.push(figuresOf(metrics));
    outcomes.add(fillsHash);
    for (let bar = choiceCount - 1; bar >= choices.length; bar--) open.push(branchAt(choices, bar));
    onLeaf(leafCount, leafCount + open.length);
  }
  return { leafCount, outcomeCount: outcomes.size, isWhole: open.length === 0, assumedBarCount, ranges: rangesOf(figures) };
}

/** The choices so far, pessimistic up to this bar, and optimistic at it. */
function branchAt(choices: readonly Choice[], bar: number): Choice[] {
  return [...choices, ...new Array<Choice>(bar - choices.length).fill('pessimistic'), 'optimistic'];
}
