/** Owns the part of a sweep's report that maps the objective over parameters, in pictures and in words. Never ranks a trial. */
import { heatMapChart, heatMapHeight, mapPlacesMax } from '../charts/search/heat-map.ts';
import { oneParameterChart } from '../charts/search/one-parameter.ts';
import { count, counted, percent } from '../format.ts';
import { escapeHtml } from '../html/escape.ts';
import { figureHtml, widths } from '../html/figure.ts';
import { section } from '../html/sections.ts';
import { table } from '../html/tables.ts';
import { metricLabel, metricText } from '../metric-view.ts';
import { valueText } from '../value-text.ts';
import { type MapPair, mapPairs, type ParameterMap, parameterMap, plateauFraction, type ScoredTrial, shareExplained } from './landscape.ts';
import type { SweepReportInput } from './sweep-input.ts';

const mapsMax = 3;

export async function mapSection(input: SweepReportInput, scored: readonly ScoredTrial[]): Promise<string> {
  const { dimensions, objective } = input;
  const pairs = mapPairs(scored, dimensions).slice(0, mapsMax);
  if (pairs.length === 0) {
    const [name] = dimensions.filter((one) => new Set(scored.map(({ trial }) => trial.parameters[one])).size > 1);
    if (name === undefined) return section('map', 'Map', '<p class="soft">Every trial had the same parameters.</p>');
    const draw = figureHtml({
      id: 'parameter-chart',
      height: 260,
      draw: (options) => oneParameterChart(scored, { name, objective }, options),
    });
    return section(
      'map',
      `${metricLabel(objective)} over ${name}`,
      await draw,
      'The ring is the best. A lone peak is luck more often than a broad one.',
    );
  }
  const maps = (width: number, { x, y }: MapPair) => parameterMap(scored, { x, y, dimensions, placesMax: mapPlacesMax(width) });
  const pictures: string[] = [];
  for (const [i, pair] of pairs.entries()) {
    const figure = await figureHtml({
      ...{ id: `map-${i + 1}-chart`, height: (width: number) => heatMapHeight(maps(width, pair)) },
      draw: (options) => heatMapChart(maps(options.width, pair), objective, options),
    });
    const words = (width: number): string => mapWords(input, maps(width, pair));
    pictures.push(`<div id="map-${i + 1}"${i > 0 ? ' hidden' : ''}>${figure}${wordsHtml(words(widths.wide), words(widths.narrow))}</div>`);
  }
  const options = pairs.map(({ x, y, share }, i) => `<option value="${i}">${escapeHtml(`${x} and ${y}${shareWords(share)}`)}</option>`);
  const ids = pairs.map((_, i) => `map-${i + 1}`).join(' ');
  const choice =
    pairs.length > 1
      ? `<div class="tools"><select data-choices="${ids}" aria-label="Parameters of the map">${options.join('')}</select></div>`
      : '';
  return section(
    'map',
    `${metricLabel(objective)} over two parameters`,
    choice + pictures.join('') + shareTable(scored, dimensions),
    mapNote,
  );
}

function shareWords(share: number): string {
  return Number.isNaN(share) ? '' : `: ${percent(share, 0)} together`;
}

const mapNote = `The dot is the best; the line goes round the plateau, where a cell and its neighbours average no more than ${percent(plateauFraction, 0)} below the best cell.`;

function colourWords(cells: ParameterMap['cells']): string {
  const values = cells.map(({ value }) => value);
  const hasBothSigns = Math.min(...values) < 0 && Math.max(...values) > 0;
  return hasBothSigns ? ' Blue is above zero, orange below, the stronger the further.' : ' The stronger the colour, the better.';
}

/** A phone's map has fewer and larger cells than a desk's: each has its own words where they are not the same. */
function wordsHtml(wide: string, narrow: string): string {
  const words = (text: string, look: string): string => `<p class="soft notes${look}">${escapeHtml(text)}</p>`;
  return wide === narrow ? words(wide, '') : words(wide, ' but-phone') + words(narrow, ' phone-only');
}

function mapWords({ objective, dimensions, isSmallestBest }: SweepReportInput, { x, y, cells, best, isSlice }: ParameterMap): string {
  const text = (score: number): string => metricText(objective, { [objective]: isSmallestBest ? -score : score });
  const at = cells.find((cell) => best !== null && cell.x === best.x && cell.y === best.y);
  const plateau = cells.filter(({ isPlateau }) => isPlateau).length;
  const others = dimensions.filter((name) => name !== x.name && name !== y.name);
  const rest =
    others.length === 0 ? '' : isSlice ? ` ${others.join(', ')} as in the best trial.` : ` Cells are means over ${others.join(', ')}.`;
  const near = at === undefined ? '' : `Round the best the cells average ${text(at.around)}, against its own ${text(at.score)}. `;
  const ground =
    plateau === 0
      ? `No plateau: nowhere do a cell and its neighbours average within ${percent(plateauFraction, 0)} of the best.`
      : `The plateau has ${counted(plateau, 'cell')} of ${count(cells.length)}.`;
  return near + ground + rest + colourWords(cells);
}

/** Which parameter decides, where there are several. */
function shareTable(scored: readonly ScoredTrial[], dimensions: readonly string[]): string {
  if (dimensions.length < 2) return '';
  const words =
    '<p class="soft notes">How much of the differences in rank between trials each parameter explains by itself (in the menu two of them together):</p>';
  const rows = dimensions
    .map((name) => ({ name, share: shareExplained(scored, [name]), best: scored[0].trial.parameters[name] }))
    .sort((a, b) => b.share - a.share)
    .map(({ name, share, best }) => [name, percent(share, 1), valueText(best)]);
  return (
    words +
    table([{ title: 'Parameter' }, { title: 'Share explained', isNumber: true }, { title: 'In the best', isNumber: true }], rows, {
      isStacked: true,
    })
  );
}
