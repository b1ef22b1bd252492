/** Owns parallel coordinates: each trial a line through its parameters to its objective. Never ranks. */
import { significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricLabel, metricText } from '../../metric-view.ts';
import { axisOf, type ScoredTrial } from '../../search/landscape.ts';
import type { SweepReportInput } from '../../search/sweep-input.ts';
import { valueText } from '../../value-text.ts';
import { type ChartOptions, type ChartSpec, frame, haloed, isNarrow, palettes } from '../chart.ts';

const groups = ['Best tenth', 'Between', 'Worst tenth'] as const;

/** Lines that can be told apart: the best all stay, of the others every so manyth by rank, the worst with them. */
export function linesToDraw(scored: readonly ScoredTrial[], linesMax: number): number[] {
  if (scored.length <= linesMax) return scored.map((_, rank) => rank);
  const kept = Math.min(20, Math.floor(linesMax / 4));
  const others = linesMax - kept;
  const step = (scored.length - 1 - kept) / (others - 1);
  return [...Array.from({ length: kept }, (_, rank) => rank), ...Array.from({ length: others }, (_, i) => Math.round(kept + i * step))];
}

export function linesMaxOf(width: number): number {
  return width < 360 ? 120 : 240;
}

/** Parameters from the one that decides least to the one that decides most, the objective last. scored: from the best on. */
export function parallelChart(
  input: Pick<SweepReportInput, 'objective' | 'isSmallestBest'>,
  { scored, names }: { readonly scored: readonly ScoredTrial[]; readonly names: readonly string[] },
  options: ChartOptions,
): ChartSpec {
  const { objective } = input;
  const palette = palettes[options.theme];
  const axes = [...names.map((name) => parameterAxis(name, scored)), objectiveAxis(input, scored)];
  const tenth = Math.max(1, Math.round(scored.length / 10));
  const ranks = linesToDraw(scored, linesMaxOf(options.width));
  const lines = ranks.map((rank) => {
    const { trial, value } = scored[rank];
    const set = names.map((name) => `${name} ${valueText(trial.parameters[name])}`).join(', ');
    const group = groups[rank < tenth ? 0 : rank >= scored.length - tenth ? 2 : 1];
    return { rank, group, text: `Trial ${trial.index}: ${set}: ${metricText(objective, { [objective]: value })}` };
  });
  const points = (rank: number, group: string, text: string) =>
    axes.map(({ placeOf }, at) => ({ rank, group, text, at, place: significant(placeOf(scored[rank]), 4) }));
  const x = axesLook(axes, options);
  const y = { field: 'place', type: 'quantitative', scale: { domain: [-0.03, 1.03], nice: false }, axis: null };
  const line = (group: string, look: ChartSpec) => ({
    data: { values: lines.filter((one) => one.group === group).flatMap(({ rank, text }) => points(rank, group, text)) },
    mark: { type: 'line', strokeJoin: 'round', ...look },
    encoding: {
      ...{ x, y, detail: { field: 'rank', type: 'nominal' }, description: { field: 'text', type: 'nominal' } },
      color: {
        field: 'group',
        type: 'nominal',
        scale: { domain: [...groups], range: [palette.accent, palette.quiet, palette.down] },
        legend: { symbolType: 'stroke', symbolOpacity: 1 },
      },
    },
  });
  return {
    ...frame(
      options,
      `${counted(lines.length, 'trial')} of ${scored.length} as lines through ${names.join(', ')} to ${metricLabel(objective)}.`,
    ),
    layer: [
      {
        data: { values: axes.map((_, at) => ({ at })) },
        mark: { type: 'rule', color: palette.line, strokeWidth: 1, aria: false },
        encoding: { x },
      },
      line(groups[1], { strokeWidth: 0.75, opacity: 0.35 }),
      line(groups[2], { strokeWidth: 1, opacity: 0.6, strokeDash: [3, 2] }),
      line(groups[0], { strokeWidth: 1.25, opacity: 0.75 }),
      {
        data: { values: scored.length === 0 ? [] : points(0, groups[0], lines[0].text) },
        mark: { type: 'line', color: palette.ink, strokeWidth: 2.5, aria: false },
        encoding: { x, y },
      },
      ...haloed(
        {
          data: { values: axes.flatMap(({ ticks }, at) => ticks.map((tick) => ({ at, ...tick }))) },
          mark: { type: 'text', align: 'left', dx: 5, fontSize: 10, color: palette.ink, aria: false },
          encoding: { x, y, text: { field: 'label', type: 'nominal' } },
        },
        palette,
      ),
    ],
  };
}

/** Names of the axes over them. */
function axesLook(axes: readonly ParallelAxis[], options: ChartOptions): ChartSpec {
  return {
    ...{ field: 'at', type: 'quantitative', scale: { domain: [0, axes.length - 1], nice: false, padding: isNarrow(options) ? 26 : 44 } },
    axis: {
      ...{ title: null, orient: 'top', domain: false, values: axes.map((_, at) => at), labelFlush: false, labelOverlap: false },
      ...{
        labelExpr: `${JSON.stringify(axes.map(({ name }) => name))}[datum.value]`,
        labelLimit: options.width / axes.length,
        labelPadding: 10,
      },
    },
  };
}

interface ParallelAxis {
  readonly name: string;
  /** 0 at the foot, 1 at the head. */
  readonly placeOf: (scored: ScoredTrial) => number;
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

/** Values at equal distances, so that a range on a log scale is spread too. */
function parameterAxis(name: string, scored: readonly ScoredTrial[]): ParallelAxis {
  const { labels, placeOf } = axisOf(name, scored, Number.POSITIVE_INFINITY);
  const last = Math.max(1, labels.length - 1);
  const shown = labels.length <= 6 ? labels.map((_, i) => i) : [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last));
  return {
    name,
    placeOf: ({ trial }) => (labels.length === 1 ? 0.5 : placeOf(trial.parameters[name]) / last),
    ticks: shown.map((i) => ({ place: labels.length === 1 ? 0.5 : i / last, label: labels[i] })),
  };
}

/** The best at the head, whichever end of the metric that is. */
function objectiveAxis(
  { objective, isSmallestBest }: Pick<SweepReportInput, 'objective' | 'isSmallestBest'>,
  scored: readonly ScoredTrial[],
): ParallelAxis {
  const scores = scored.map(({ score }) => score);
  const worst = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
  const best = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const tick = (place: number, score: number) => ({
    place,
    label: metricText(objective, { [objective]: isSmallestBest ? -score : score }),
  });
  const ticks = best > worst ? [0, 0.5, 1].map((place) => tick(place, worst + place * (best - worst))) : [tick(0.5, best)];
  return {
    name: metricLabel(objective),
    placeOf: ({ score }) => (best > worst ? (score - worst) / (best - worst) : 0.5),
    ticks: scores.length === 0 ? [] : ticks,
  };
}
