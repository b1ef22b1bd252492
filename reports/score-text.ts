/** Owns how the score of a search is written: as the metric that it stands for. Never computes one. */
import type { Objective } from '../engine/optimiser/ranking.ts';
import { metricText } from './metric-view.ts';

/** A score as its metric is written: of "-drawdownFractionMax" the drawdown itself. */
export function scoreText(objective: Objective, score: number): string {
  const isNegated = objective.startsWith('-');
  const name = isNegated ? objective.slice(1) : objective;
  return metricText(name, { [name]: isNegated ? -score : score });
}
