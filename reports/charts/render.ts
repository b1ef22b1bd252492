/** Owns the one place where Vega is loaded. Never draws in the reader's browser: pictures are SVG, so a report needs no chart runtime, no eval, and prints crisp. */
import { assert } from '../../engine/errors.ts';
import type { ChartSpec } from './chart.ts';

/** The slice of Vega we use. */
interface Vega {
  parse(spec: unknown): unknown;
  View: new (runtime: unknown, options: { renderer: 'none' }) => { toSVG(): Promise<string>; width(): number; finalize(): void };
}
interface VegaLite {
  compile(spec: unknown, options: { logger: unknown }): { spec: unknown };
}

export interface RenderedChart {
  readonly svg: string;
  /** Left edge and width of the plot inside the picture, in its own units: where time begins and how far it goes. */
  readonly plotLeft: number;
  readonly plotWidth: number;
}

/** Draws the spec; warnings of Vega-Lite are faults of ours and throw. */
export async function renderChart(spec: ChartSpec, idPrefix: string): Promise<RenderedChart> {
  const vega = (await import('vega')) as unknown as Vega;
  const { compile } = (await import('vega-lite')) as unknown as VegaLite;
  const view = new vega.View(vega.parse(compile(spec, { logger: strictLogger }).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  const plotWidth = view.width();
  view.finalize();
  const origin = /transform="translate\(([\d.-]+),/.exec(svg);
  assert(origin, 'a chart has an origin');
  return { svg: slim(svg, idPrefix), plotLeft: Number(origin[1]), plotWidth };
}

/** Coordinates to a tenth of a pixel; ids that cannot meet those of another chart in the page; no fixed size, so that the page scales it; nothing that the page says by itself. */
function slim(svg: string, idPrefix: string): string {
  return (
    svg
      .replace(
        / (d|transform)="([^"]*)"/g,
        (_, name: string, path: string) =>
          ` ${name}="${path.replace(/-?\d+\.\d\d+(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 10) / 10))}"`,
      )
      .replace(/ id="([^"]*)"/g, ` id="${idPrefix}-$1"`)
      .replace(/url\(#([^)]*)\)/g, `url(#${idPrefix}-$1)`)
      .replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', '')
      .replace(/ (?:aria-roledescription|role)="[^"]*"/g, '')
      .replace(/<path class="(?:back|fore)ground"[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*\/>/g, '')
      .replace(/ aria-hidden="true"/g, '')
      .replace(/ (?:opacity="1"|text-anchor="start"|font-size="11px"|font-weight="normal")/g, '')
      .replace(/ pointer-events="none"/g, '')
      // The page's own font is inherited.
      .replace(/ font-family="[^"]*"/g, '')
      .replace(/^<svg([^>]*?) width="[\d.]+" height="[\d.]+"/, '<svg$1')
  );
}

function refuse(...words: unknown[]): never {
  throw new Error(`Invariant: a chart spec is sound, but Vega-Lite says: ${words.join(' ')}`);
}
const strictLogger = {
  level: () => strictLogger,
  warn: refuse,
  error: refuse,
  info: () => strictLogger,
  debug: () => strictLogger,
};
