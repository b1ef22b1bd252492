/** Owns how a chart stands in a page: drawn once for a desk, a tablet and a phone, of which the page shows the one whose text comes out nearest to its size. */
import type { ChartOptions, ChartSpec } from '../charts/chart.ts';
import { renderChart } from '../charts/render.ts';
import { escapeHtml } from './escape.ts';

export interface Figure {
  readonly id: string;
  /** Where it hangs on the width, a function of it. */
  readonly height: number | ((width: number) => number);
  readonly draw: (options: ChartOptions) => ChartSpec;
}

export const widths = { wide: 900, middle: 560, narrow: 300 } as const;
/** Two charts side by side on a desk. */
export const halfWidths = { ...widths, wide: 440 } as const;

export async function figureHtml(figure: Figure, drawn: Readonly<Record<string, number>> = widths): Promise<string> {
  const pictures: string[] = [];
  for (const [className, width] of Object.entries(drawn)) pictures.push(await oneWidth(figure, { width, className }));
  return `<figure id="${figure.id}">${pictures.join('')}</figure>`;
}

async function oneWidth({ id, height, draw }: Figure, { width, className }: { width: number; className: string }): Promise<string> {
  const spec = draw({ width, height: typeof height === 'number' ? height : height(width), theme: 'page' });
  const { svg, plotLeft, plotWidth } = await renderChart(spec, `${id}-${width}`);
  const label = escapeHtml(String(spec.description));
  return svg.replace(
    /^<svg([^>]*) class="marks"/,
    `<svg$1 class="${className}" data-left="${plotLeft}" data-plot="${plotWidth}" role="img" aria-label="${label}"`,
  );
}
