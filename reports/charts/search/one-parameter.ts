/** Owns the objective over the only parameter that varies. Never chooses it. */
import type { MetricName } from '../../../engine/metrics/catalogue.ts';
import { rowsToDraw, significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricAxisFormat, metricLabel, metricText } from '../../metric-view.ts';
import { axisOf, type ScoredTrial } from '../../search/landscape.ts';
import { valueText } from '../../value-text.ts';
import { type ChartOptions, type ChartSpec, frame, palettes } from '../chart.ts';

const pointsMax = 300;

/** Values of the parameter at equal distances, each trial a point, the best ringed. scored: from the best on, one or more. */
export function oneParameterChart(
  scored: readonly ScoredTrial[],
  { name, objective }: { readonly name: string; readonly objective: MetricName },
  options: ChartOptions,
): ChartSpec {
  const palette = palettes[options.theme];
  const { labels, placeOf } = axisOf(name, scored, Number.POSITIVE_INFINITY);
  const all = scored
    .map(({ trial, value }) => ({
      ...{ place: placeOf(trial.parameters[name]), value: significant(value, 5) },
      text: `${name} ${valueText(trial.parameters[name])}: ${metricText(objective, { [objective]: value })}`,
    }))
    .sort((a, b) => a.place - b.place);
  const values = rowsToDraw(
    all.map(({ value }) => value),
    pointsMax,
  ).map((row) => all[row]);
  const x = {
    ...{ field: 'place', type: 'quantitative', scale: { domain: [0, Math.max(1, labels.length - 1)], nice: false, padding: 8 } },
    axis: {
      ...{ title: name, values: labels.map((_, i) => i), labelExpr: `${JSON.stringify(labels)}[datum.value]` },
      ...{ labelOverlap: 'greedy', labelSeparation: 6 },
    },
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { zero: false },
    axis: { title: null, format: metricAxisFormat(objective), tickCount: 5 },
  };
  return {
    ...frame(options, `${metricLabel(objective)} over ${name}: ${counted(scored.length, 'trial')}.`),
    layer: [
      { data: { values }, mark: { type: 'line', color: palette.accent, strokeWidth: 1.25, aria: false }, encoding: { x, y } },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 30, color: palette.accent, opacity: 1 },
        encoding: { x, y, description: { field: 'text', type: 'nominal' } },
      },
      {
        data: { values: [{ place: placeOf(scored[0].trial.parameters[name]), value: significant(scored[0].value, 5) }] },
        mark: { type: 'point', shape: 'circle', size: 160, filled: false, stroke: palette.ink, strokeWidth: 2, aria: false },
        encoding: { x, y },
      },
    ],
  };
}
