/** Owns the pictures of a walk-forward: tests on the one curve, windows, in-sample against out-of-sample, chosen parameters. Never plays or chooses. */
import type { MetricName } from '../../../engine/metrics/catalogue.ts';
import { rowsToDraw, significant } from '../../down-sample.ts';
import { counted, dateUtc, percentSigned, periodUtc, shownTimes } from '../../format.ts';
import { metricAxisFormat, metricLabel, metricText } from '../../metric-view.ts';
import type { ReportFold, ReportWindow, WalkForwardReportInput } from '../../search/walkforward-input.ts';
import { valueText } from '../../value-text.ts';
import { type ChartOptions, type ChartSpec, frame, isNarrow, palettes, pointsFor, quoteFormat, timeAxis, valueAxis } from '../chart.ts';

export const testsLabel = 'Tests';
export const heldLabel = 'Buy and hold';

function windowWords({ fromMs, toMs }: ReportWindow): string {
  return periodUtc(fromMs, toMs).join(' to ');
}

/** The stitched equity; every other test stands on a band, and at each seam parameters were chosen anew. */
export function testsChart({ daily, folds, initialCapitalQuote, quoteCurrency }: WalkForwardReportInput, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const timeMs = shownTimes(daily.timeMs);
  const pointCount = pointsFor(options, 2);
  const largest = [daily.equityQuote, daily.heldQuote].reduce((most, column) => column.reduce((a, b) => Math.max(a, b), most), 0);
  const scale = { domain: [testsLabel, heldLabel], range: [palette.accent, palette.quiet] };
  const x = timeAxis('timeMs', options);
  const y = { field: 'quote', type: 'quantitative', scale: { zero: false }, axis: valueAxis(options, quoteFormat(largest, options)) };
  const line = (column: Float64Array, series: string, strokeWidth: number) => ({
    data: { values: rowsToDraw(column, pointCount).map((row) => ({ timeMs: timeMs[row], quote: significant(column[row], 6) })) },
    mark: { type: 'line', strokeJoin: 'round', strokeWidth, aria: false },
    encoding: { x, y, color: { datum: series, type: 'nominal', scale, legend: { symbolType: 'stroke', symbolOpacity: 1 } } },
  });
  const [first, last] = [timeMs[0] ?? 0, timeMs[timeMs.length - 1] ?? 0];
  const within = (ms: number): number => Math.min(last, Math.max(first, ms));
  const bands = folds.map(({ test, testMetrics }, k) => ({
    ...{ timeMs: within(test.fromMs), toMs: within(test.toMs), strength: k % 2 === 0 ? 0.16 : 0.02 },
    text: `Test ${k + 1}, ${windowWords(test)}: ${percentSigned(testMetrics.returnFraction)}`,
  }));
  return {
    ...frame(
      options,
      `Equity of ${counted(folds.length, 'test')} as one account in ${quoteCurrency}, ${dateUtc(first)} to ${dateUtc(last)}.`,
    ),
    layer: [
      {
        data: { values: bands },
        mark: { type: 'rect', color: palette.quiet },
        encoding: {
          ...{ x, x2: { field: 'toMs' } },
          opacity: { field: 'strength', type: 'quantitative', scale: null, legend: null },
          description: { field: 'text', type: 'nominal' },
        },
      },
      {
        data: { values: bands.slice(1) },
        mark: { type: 'rule', color: palette.quiet, strokeWidth: 0.75, strokeDash: [2, 3], aria: false },
        encoding: { x },
      },
      {
        data: { values: [{ quote: initialCapitalQuote }] },
        mark: { type: 'rule', color: palette.quiet, strokeDash: [2, 3], strokeWidth: 1, aria: false },
        encoding: { y },
      },
      line(daily.heldQuote, heldLabel, 1),
      line(daily.equityQuote, testsLabel, 1.75),
    ],
  };
}

/** Folds whose windows are drawn, a row each. */
export const windowRowsMax = 60;

export function windowsHeight(folds: readonly ReportFold[]): number {
  const count = Math.min(windowRowsMax, folds.length);
  return 66 + count * (count > 20 ? 8 : 16);
}

/** When each fold learned and when it was tested. */
export function windowsChart(folds: readonly ReportFold[], options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const kinds = ['Training', 'Test'] as const;
  const values = folds.slice(0, windowRowsMax).flatMap(({ train, test }, k) =>
    kinds.map((kind, i) => {
      const window = i === 0 ? train : test;
      return {
        fold: k + 1,
        kind,
        timeMs: window.fromMs,
        toMs: window.toMs,
        text: `Fold ${k + 1}, ${kind.toLowerCase()}: ${windowWords(window)}`,
      };
    }),
  );
  return {
    ...frame(options, `Training and test of ${counted(folds.length, 'fold')}.`),
    data: { values },
    mark: { type: 'bar', height: { band: 0.72 } },
    encoding: {
      ...{ x: timeAxis('timeMs', options), x2: { field: 'toMs' } },
      y: { field: 'fold', type: 'ordinal', axis: { title: 'fold', grid: false, labelOverlap: true } },
      color: { field: 'kind', type: 'nominal', scale: { domain: [...kinds], range: [palette.quiet, palette.accent] } },
      opacity: { condition: { test: `datum.kind === '${kinds[0]}'`, value: 0.45 }, value: 1 },
      description: { field: 'text', type: 'nominal' },
    },
  };
}

/** The objective of what was chosen, in training and in the test after; noun: "fold". */
export function pairsChart(
  chosen: readonly { readonly inside: number; readonly outside: number }[],
  { objective, noun }: { readonly objective: MetricName; readonly noun: string },
  options: ChartOptions,
): ChartSpec {
  const palette = palettes[options.theme];
  const kinds = ['In training', 'In the test'] as const;
  const pairs = chosen.map((pair, k) => ({ ...pair, fold: k + 1 }));
  const told = pairs.filter(({ inside, outside }) => Number.isFinite(inside) && Number.isFinite(outside));
  const points = pairs.flatMap(({ fold, inside, outside }) =>
    kinds
      .map((kind, i) => ({ fold, kind, value: i === 0 ? inside : outside }))
      .filter(({ value }) => Number.isFinite(value))
      .map((point) => ({
        ...point,
        value: significant(point.value, 5),
        text: `${noun[0].toUpperCase()}${noun.slice(1)} ${fold}, ${point.kind.toLowerCase()}: ${metricText(objective, { [objective]: point.value })}`,
      })),
  );
  const axis = { title: noun, labelAngle: 0, labelOverlap: 'greedy', labelSeparation: 4 };
  const x = { field: 'fold', type: 'ordinal', scale: { domain: pairs.map(({ fold }) => fold) }, axis };
  const y = (field: string) => ({
    ...{ field, type: 'quantitative', scale: { zero: true } },
    axis: { title: null, format: metricAxisFormat(objective), tickCount: 5, minExtent: 34 },
  });
  const shape = { field: 'kind', type: 'nominal', scale: { domain: [...kinds], range: ['circle', 'diamond'] } };
  const better = told.filter(({ inside, outside }) => outside >= inside).length;
  return {
    ...frame(
      options,
      `${metricLabel(objective)} in training and in the test of ${counted(pairs.length, noun)}: in ${better} the test did no worse.`,
    ),
    layer: [
      {
        data: { values: [{ value: 0 }] },
        mark: { type: 'rule', color: palette.quiet, strokeWidth: 1, aria: false },
        encoding: { y: y('value') },
      },
      {
        data: {
          values: told.map(({ fold, inside, outside }) => ({ fold, inside: significant(inside, 5), outside: significant(outside, 5) })),
        },
        mark: { type: 'rule', color: palette.quiet, strokeWidth: 1.5, aria: false },
        encoding: { x, y: y('inside'), y2: { field: 'outside' } },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, opacity: 1, size: pairs.length > 30 && isNarrow(options) ? 24 : 70 },
        encoding: {
          ...{ x, y: y('value'), shape },
          color: { field: 'kind', type: 'nominal', scale: { domain: [...kinds], range: [palette.quiet, palette.accent] } },
          description: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}

/** What was chosen of one parameter, fold after fold. */
export function driftChart(folds: readonly ReportFold[], name: string, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const values = folds.map(({ parameters, test }, k) => ({
    ...{ fold: k + 1, value: parameters[name] },
    text: `Fold ${k + 1}, test ${windowWords(test)}: ${name} ${valueText(parameters[name])}`,
  }));
  const isNumber = values.every(({ value }) => typeof value === 'number');
  const x = {
    ...{ field: 'fold', type: 'ordinal' },
    axis: { title: 'fold', labelAngle: 0, labelOverlap: 'greedy', labelSeparation: 4 },
  };
  const y = {
    ...{ field: 'value', type: isNumber ? 'quantitative' : 'ordinal' },
    ...(isNumber ? { scale: { zero: false, padding: 8 } } : {}),
    axis: { title: null, tickCount: 4, minExtent: 34, ...(isNumber ? { format: '.4~r' } : {}) },
  };
  return {
    ...frame(options, `${name} as chosen in ${counted(folds.length, 'fold')}.`),
    data: { values },
    layer: [
      { mark: { type: 'line', interpolate: 'step', color: palette.accent, strokeWidth: 1.25, aria: false }, encoding: { x, y } },
      {
        mark: { type: 'point', filled: true, size: 40, color: palette.accent, opacity: 1 },
        encoding: { x, y, description: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}
