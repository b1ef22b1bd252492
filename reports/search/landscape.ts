/** Owns what the objective looks like over the parameters: which of them decide, a map over two, the plateau on it. Never plays a trial. */
import { metricNames } from '../../engine/metrics/catalogue.ts';
import type { ParameterValue } from '../../engine/optimiser/search-space.ts';
import { valueText } from '../value-text.ts';
import type { SweepReportInput, SweepReportTrial } from './sweep-input.ts';

/** A trial with a finite objective. */
export interface ScoredTrial {
  readonly trial: SweepReportTrial;
  /** Place in the input's trials. */
  readonly place: number;
  /** The objective as it is printed. */
  readonly value: number;
  /** The larger the better. */
  readonly score: number;
}

/** From the best on, as the sweep ranks them. */
export function scoredTrials({ trials, order, objective, isSmallestBest }: SweepReportInput): ScoredTrial[] {
  const at = metricNames.indexOf(objective);
  return order.flatMap((place) => {
    const trial = trials[place];
    const value = trial.failure === null ? trial.metrics[at] : Number.NaN;
    return Number.isFinite(value) ? [{ trial, place, value, score: isSmallestBest ? -value : value }] : [];
  });
}

/** Values of one parameter as places side by side: each its own, or so many neighbours together that no more than placesMax are left. */
export interface Axis {
  readonly name: string;
  readonly labels: readonly string[];
  readonly placeOf: (value: ParameterValue) => number;
}

export function axisOf(name: string, scored: readonly ScoredTrial[], placesMax: number): Axis {
  const values = [...new Set(scored.map(({ trial }) => trial.parameters[name]))];
  if (values.every((value) => typeof value === 'number')) (values as number[]).sort((a, b) => a - b);
  const count = Math.min(values.length, placesMax);
  const places = new Map(values.map((value, i) => [value, Math.floor((i * count) / values.length)]));
  const groups: ParameterValue[][] = Array.from({ length: count }, () => []);
  for (const [value, place] of places) groups[place].push(value);
  const labels = groups.map((group) => {
    if (group.length === 1) return valueText(group[0]);
    const [first, last] = [group[0], group[group.length - 1]].map((value) => valueText(value, 2));
    return first === last ? first : `${first}–${last}`;
  });
  return { name, labels, placeOf: (value) => places.get(value) ?? -1 };
}

/** Places an axis has where the shares of parameters are told. */
const sharePlacesMax = 8;

/**
 * Share of the differences between trials, in ranks of the objective so that no outlier decides, that values of these parameters explain together:
 * 1 − (variance within their cells) / (variance of all), each by its degrees of freedom, at least 0. NaN where nothing differs or every cell holds one trial.
 * Source: Kelley 1935, an unbiased correlation ratio (ε²).
 */
export function shareExplained(scored: readonly ScoredTrial[], names: readonly string[]): number {
  const axes = names.map((name) => axisOf(name, scored, sharePlacesMax));
  const ranks = ranksOf(scored);
  const cells = new Map<number, { count: number; sum: number; squares: number }>();
  let squares = 0;
  scored.forEach(({ trial }, i) => {
    const key = axes.reduce((sum, axis) => sum * axis.labels.length + axis.placeOf(trial.parameters[axis.name]), 0);
    const cell = cells.get(key) ?? { count: 0, sum: 0, squares: 0 };
    cell.count++;
    cell.sum += ranks[i];
    cell.squares += ranks[i] * ranks[i];
    squares += ranks[i] * ranks[i];
    cells.set(key, cell);
  });
  const count = scored.length;
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / count;
  const all = (squares - count * mean * mean) / (count - 1);
  const within = [...cells.values()].reduce((sum, cell) => sum + cell.squares - (cell.sum * cell.sum) / cell.count, 0);
  const freedom = count - cells.size;
  return all > 0 && freedom > 0 ? Math.max(0, 1 - within / freedom / all) : Number.NaN;
}

/** 1 … n by score; equal scores share their mean rank. */
function ranksOf(scored: readonly ScoredTrial[]): Float64Array {
  const places = scored.map((_, i) => i).sort((a, b) => scored[a].score - scored[b].score);
  const ranks = new Float64Array(scored.length);
  for (let from = 0; from < places.length; ) {
    let to = from + 1;
    while (to < places.length && scored[places[to]].score === scored[places[from]].score) to++;
    for (let i = from; i < to; i++) ranks[places[i]] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

export interface MapPair {
  readonly x: string;
  readonly y: string;
  /** See shareExplained. */
  readonly share: number;
}

/** Pairs of parameters from the most telling on; the one with more values lies along x. */
export function mapPairs(scored: readonly ScoredTrial[], dimensions: readonly string[]): MapPair[] {
  const moving = dimensions.filter((name) => new Set(scored.map(({ trial }) => trial.parameters[name])).size > 1);
  const width = (name: string): number => axisOf(name, scored, Number.POSITIVE_INFINITY).labels.length;
  const pairs = moving.flatMap((a, i) =>
    moving.slice(i + 1).map((b) => {
      const [x, y] = width(b) > width(a) ? [b, a] : [a, b];
      return { x, y, share: shareExplained(scored, [a, b]) };
    }),
  );
  const rank = ({ share }: MapPair): number => (Number.isNaN(share) ? -1 : share);
  return pairs.sort((a, b) => rank(b) - rank(a));
}

export interface MapCell {
  readonly x: number;
  readonly y: number;
  readonly count: number;
  /** Means over the cell's trials. */
  readonly value: number;
  readonly score: number;
  /** Mean score of the cell and those around it. */
  readonly around: number;
  readonly isPlateau: boolean;
}

export interface ParameterMap {
  readonly x: Axis;
  readonly y: Axis;
  readonly cells: readonly MapCell[];
  /** The best trial's; null where it has none. */
  readonly best: { readonly x: number; readonly y: number } | null;
  /** Parameters that do not lie on the map stand at the best trial's values; false: cells are means over all of their values. */
  readonly isSlice: boolean;
}

/** Below the best by no more than this share of it lies what is called its plateau. */
export const plateauFraction = 0.1;

export function parameterMap(
  scored: readonly ScoredTrial[],
  { x: xName, y: yName, dimensions, placesMax }: { x: string; y: string; dimensions: readonly string[]; placesMax: number },
): ParameterMap {
  const axes = (most: number) => [axisOf(xName, scored, most), axisOf(yName, scored, most)] as const;
  let [x, y] = axes(placesMax);
  // Sets that were drawn fill few cells of a fine map: of a coarser one each holds about three.
  if (cellsOf(scored, x, y).size < 0.4 * x.labels.length * y.labels.length)
    [x, y] = axes(Math.min(placesMax, Math.max(4, Math.floor(Math.sqrt(scored.length / 3)))));
  const [best] = scored;
  const others = dimensions.filter((name) => name !== xName && name !== yName);
  const slice = scored.filter(({ trial }) => others.every((name) => trial.parameters[name] === best.trial.parameters[name]));
  const [all, sliced] = [cellsOf(scored, x, y), cellsOf(slice, x, y)];
  // Of a grid the slice is whole; of sets that were drawn it would hold the best alone.
  const isSlice = sliced.size >= all.size / 2;
  const cells = [...(isSlice ? sliced : all).values()];
  const bestCell = best === undefined ? null : { x: x.placeOf(best.trial.parameters[xName]), y: y.placeOf(best.trial.parameters[yName]) };
  return { x, y, cells: withPlateau(cells), best: bestCell, isSlice: others.length > 0 && isSlice };
}

type BareCell = Pick<MapCell, 'x' | 'y' | 'count' | 'value' | 'score'>;

function cellsOf(scored: readonly ScoredTrial[], x: Axis, y: Axis): Map<number, BareCell> {
  const sums = new Map<number, { x: number; y: number; count: number; value: number; score: number }>();
  for (const { trial, value, score } of scored) {
    const [column, row] = [x.placeOf(trial.parameters[x.name]), y.placeOf(trial.parameters[y.name])];
    const key = row * x.labels.length + column;
    const cell = sums.get(key) ?? { x: column, y: row, count: 0, value: 0, score: 0 };
    cell.count++;
    cell.value += value;
    cell.score += score;
    sums.set(key, cell);
  }
  return new Map([...sums].map(([key, cell]) => [key, { ...cell, value: cell.value / cell.count, score: cell.score / cell.count }]));
}

/** A cell is of the plateau where the mean of it and its neighbours, three at least, lies within plateauFraction of the best cell. */
function withPlateau(cells: readonly BareCell[]): MapCell[] {
  const at = new Map(cells.map((cell) => [`${cell.x} ${cell.y}`, cell]));
  const highest = cells.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const threshold = highest - plateauFraction * Math.abs(highest);
  return cells.map((cell) => {
    const near: BareCell[] = [];
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const one = at.get(`${cell.x + dx} ${cell.y + dy}`);
        if (one !== undefined) near.push(one);
      }
    const around = near.reduce((sum, { score }) => sum + score, 0) / near.length;
    return { ...cell, around, isPlateau: near.length > 3 && around >= threshold };
  });
}
