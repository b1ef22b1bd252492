/** Owns how a search's best stands among its neighbours, in words, as a terminal prints it. Never computes it. */
import type { PlateauReport } from '../engine/optimiser/plateau.ts';
import type { Objective } from '../engine/optimiser/ranking.ts';
import { counted, fixed, percent } from './format.ts';
import { scoreText } from './score-text.ts';
import { setText } from './value-text.ts';

/** What lies about the best, and what would be chosen were every trial judged together with its neighbours. objective: the sweep's own. */
export function plateauLines({ reachSteps, best, edges, smoothed }: PlateauReport, objective: Objective): string[] {
  const figure = (score: number): string => scoreText(objective, score);
  const near = `within ${counted(reachSteps, 'step')} of the best`;
  return [
    `plateau: ${best.count === 0 ? `no other trial ${near}` : aboutBest(best, { near, figure })}`,
    choiceText({ best, smoothed }, figure),
    ...edgeText(edges),
  ];
}

function aboutBest(
  { count, score, scoreMean, scoreMin, profitableFraction, plateauRatio }: PlateauReport['best'],
  { near, figure }: { readonly near: string; readonly figure: (score: number) => string },
): string {
  const ratio = Number.isNaN(plateauRatio) ? '' : ` (plateau ratio ${fixed(plateauRatio, 2)})`;
  return `${counted(count, 'trial')} ${near} (${figure(score)}) reach ${figure(scoreMean)} on average${ratio}, ${figure(scoreMin)} at worst; ${percent(profitableFraction, 0)} of them earned`;
}

function edgeText(edges: readonly string[]): string[] {
  return edges.length === 0 ? [] : [`the best lies at the edge of ${edges.join(' and ')}: what is beyond was not searched`];
}

function choiceText({ best, smoothed }: Pick<PlateauReport, 'best' | 'smoothed'>, figure: (score: number) => string): string {
  if (smoothed.index === best.index) return 'smoothed over its neighbours it is still the best';
  return `smoothed over neighbours the best is trial ${smoothed.index}: ${setText(smoothed.parameters)}, which reached ${figure(smoothed.score)}`;
}
