/** Owns the map of the objective over two parameters, its plateau outlined, its best a dot. Never chooses the parameters. */
import type { MetricName } from '../../../engine/metrics/catalogue.ts';
import { significant } from '../../down-sample.ts';
import { counted } from '../../format.ts';
import { metricText, metricTextShort } from '../../metric-view.ts';
import type { Axis, MapCell, ParameterMap } from '../../search/landscape.ts';
import { type ChartOptions, type ChartSpec, frame, isNarrow, palettes } from '../chart.ts';

/** Places along an axis that a width has room for. */
export function mapPlacesMax(width: number): number {
  return width < 360 ? 12 : 24;
}

export function heatMapHeight({ y }: ParameterMap): number {
  return 64 + 22 * y.labels.length;
}

/** Colour tells the sign, or where all have one sign nothing; its strength how far from zero, or from the worst. */
export function heatMapChart(map: ParameterMap, objective: MetricName, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const { x, y, best } = map;
  const cells = shadesOf(map.cells).map(({ cell, strength, direction }) => {
    const text = metricText(objective, { [objective]: cell.value });
    const trials = cell.count === 1 ? '' : `, mean of ${counted(cell.count, 'trial')}`;
    return {
      ...{ x: cell.x, x2: cell.x + 1, y: cell.y, y2: cell.y + 1, strength: significant(strength, 2), direction },
      label: metricTextShort(objective, cell.value),
      text: `${x.name} ${x.labels[cell.x]}, ${y.name} ${y.labels[cell.y]}: ${text}${trials}${cell.isPlateau ? ', on the plateau' : ''}`,
    };
  });
  const isBest = (cell: { x: number; y: number }): boolean => best !== null && cell.x === best.x && cell.y === best.y;
  const middleOf = (cell: { x: number; y: number }) => ({ xMiddle: cell.x + 0.5, yMiddle: cell.y + 0.5 });
  const isLabelled = options.width / x.labels.length >= (isNarrow(options) ? 30 : 38);
  const place = (field: string, axis: ChartSpec, length: number) => ({
    ...{ field, type: 'quantitative', axis },
    scale: { domain: [0, length], nice: false, zero: false },
  });
  const encoding = { x: place('x', { ...axisLook(x), ...lastInside(x) }, x.labels.length), y: place('y', axisLook(y), y.labels.length) };
  const middle = { x: { ...encoding.x, field: 'xMiddle' }, y: { ...encoding.y, field: 'yMiddle' } };
  return {
    ...frame(options, story(map, objective)),
    layer: [
      {
        data: { values: cells },
        mark: { type: 'rect', stroke: palette.surface, strokeWidth: 1 },
        encoding: {
          ...encoding,
          ...{ x2: { field: 'x2' }, y2: { field: 'y2' } },
          color: {
            field: 'direction',
            type: 'nominal',
            scale: { domain: ['above', 'below'], range: [palette.up, palette.down] },
            legend: null,
          },
          opacity: { field: 'strength', type: 'quantitative', scale: null, legend: null },
          description: { field: 'text', type: 'nominal' },
        },
      },
      {
        data: { values: outline(map.cells) },
        mark: { type: 'rule', color: palette.ink, strokeWidth: 1.75, strokeCap: 'square', aria: false },
        encoding: { ...encoding, x2: { field: 'x2' }, y2: { field: 'y2' } },
      },
      ...(isLabelled
        ? [
            {
              data: { values: cells.filter((cell) => !isBest(cell)).map((cell) => ({ ...middleOf(cell), label: cell.label })) },
              mark: { type: 'text', fontSize: 10, aria: false },
              encoding: { ...middle, text: { field: 'label', type: 'nominal' }, color: { value: palette.ink } },
            },
          ]
        : []),
      {
        data: { values: best === null ? [] : [middleOf(best)] },
        mark: { type: 'point', shape: 'circle', size: 90, filled: true, color: palette.ink, opacity: 1, aria: false },
        encoding: middle,
      },
    ],
  };
}

function story({ x, y, cells }: ParameterMap, objective: MetricName): string {
  const values = cells.map(({ value }) => value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)].map((value) => metricText(objective, { [objective]: value }));
  const plateau = cells.filter(({ isPlateau }) => isPlateau).length;
  return `Map of ${x.name} and ${y.name}: ${counted(cells.length, 'cell')} from ${lowest} to ${highest}, ${plateau} of them on the plateau.`;
}

interface Shade {
  readonly cell: MapCell;
  readonly strength: number;
  readonly direction: 'above' | 'below';
}

function shadesOf(cells: readonly MapCell[]): Shade[] {
  const [weakest, strongest] = [0.06, 0.85];
  const values = cells.map(({ value }) => value);
  const scores = cells.map(({ score }) => score);
  const hasBothSigns = Math.min(...values) < 0 && Math.max(...values) > 0;
  const furthest = Math.max(...values.map(Math.abs));
  const [worst, best] = [Math.min(...scores), Math.max(...scores)];
  return cells.map((cell) => {
    const share = hasBothSigns ? Math.abs(cell.value) / furthest : (cell.score - worst) / (best - worst || 1);
    return { cell, strength: weakest + (strongest - weakest) * share, direction: hasBothSigns && cell.value < 0 ? 'below' : 'above' };
  });
}

/** Edges between the plateau and what is none. */
function outline(cells: readonly MapCell[]): { x: number; y: number; x2: number; y2: number }[] {
  const inside = new Set(cells.filter(({ isPlateau }) => isPlateau).map(({ x, y }) => `${x} ${y}`));
  return cells
    .filter(({ isPlateau }) => isPlateau)
    .flatMap(({ x, y }) => [
      ...(inside.has(`${x - 1} ${y}`) ? [] : [{ x, y, x2: x, y2: y + 1 }]),
      ...(inside.has(`${x + 1} ${y}`) ? [] : [{ x: x + 1, y, x2: x + 1, y2: y + 1 }]),
      ...(inside.has(`${x} ${y - 1}`) ? [] : [{ x, y, x2: x + 1, y2: y }]),
      ...(inside.has(`${x} ${y + 1}`) ? [] : [{ x, y: y + 1, x2: x + 1, y2: y + 1 }]),
    ]);
}

/** A long last label ends at its cell's middle: centred there it would leave the picture. */
function lastInside({ labels }: Axis): ChartSpec {
  const last = labels.length - 1;
  return labels[last].length <= 6 ? {} : { labelAlign: { condition: { test: `datum.value > ${last}`, value: 'right' }, value: 'center' } };
}

function axisLook({ name, labels }: Axis): ChartSpec {
  return {
    ...{ title: name, grid: false, domain: false, labelFlush: false, labelOverlap: 'greedy', labelSeparation: 4 },
    values: labels.map((_, i) => i + 0.5),
    labelExpr: `${JSON.stringify(labels)}[floor(datum.value)]`,
  };
}
