/** Owns the frame all charts share: size, colours, type. Never holds data. Charts are pure functions of a run: the same run, the same spec. */

export type ChartSpec = Readonly<Record<string, unknown>>;

/** 'page' takes its colours from the page's CSS variables, so that one picture serves light and dark. */
export type ChartTheme = 'light' | 'dark' | 'page';

export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: ChartTheme;
}

export interface Palette {
  readonly ink: string;
  readonly inkSoft: string;
  readonly line: string;
  readonly accent: string;
  readonly quiet: string;
  /** Gains and losses: blue and orange are told apart with every common colour blindness. */
  readonly up: string;
  readonly down: string;
  readonly surface: string;
}

export const palettes: Readonly<Record<ChartTheme, Palette>> = {
  light: {
    ink: '#1b2330',
    inkSoft: '#5d6878',
    line: '#e6e9ee',
    accent: '#2457c5',
    quiet: '#8a94a3',
    up: '#2457c5',
    down: '#d06a12',
    surface: '#ffffff',
  },
  dark: {
    ink: '#e7ebf2',
    inkSoft: '#9aa6b6',
    line: '#2a3240',
    accent: '#7aa5ff',
    quiet: '#7d8999',
    up: '#7aa5ff',
    down: '#f2a254',
    surface: '#141a23',
  },
  page: {
    ink: 'var(--ink)',
    inkSoft: 'var(--ink-soft)',
    line: 'var(--line)',
    accent: 'var(--accent)',
    quiet: 'var(--quiet)',
    up: 'var(--up)',
    down: 'var(--down)',
    surface: 'var(--surface)',
  },
};

/** A text that lines may cross: the same once more in the colour of the ground, wider, below it. */
export function haloed(layer: { readonly mark: ChartSpec } & ChartSpec, palette: Palette): ChartSpec[] {
  const ground = {
    ...layer,
    mark: { ...layer.mark, stroke: palette.surface, strokeWidth: 3.5, strokeJoin: 'round', color: palette.surface },
  };
  return [ground, layer];
}

/** Points a chart may hold in all its series together; a report is a small file. */
export const pointsMax = 2_000;

/** The points worth drawing at a width: a line is wider than a pixel, so few more than pixels; never more than a chart may hold. */
export function pointsFor(options: ChartOptions, seriesCount: number): number {
  return Math.max(4, Math.floor(Math.min(pointsMax, options.width * 1.2) / seriesCount));
}

/** Everything of a spec but data, marks and encodings. */
export function frame(options: ChartOptions, description: string): ChartSpec {
  const palette = palettes[options.theme];
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    width: options.width,
    height: options.height,
    autosize: { type: 'fit', contains: 'padding' },
    padding: { left: 0, right: 4, top: 4, bottom: 0 },
    background: options.theme === 'page' ? null : palette.surface,
    config: {
      font,
      view: { stroke: null },
      // What a picture shows is told by its own label and its marks.
      axis: {
        aria: false,
        labelColor: palette.inkSoft,
        labelFontSize: 11,
        labelPadding: 6,
        titleColor: palette.inkSoft,
        titleFontSize: 11,
        titleFontWeight: 'normal',
        gridColor: palette.line,
        domain: false,
        ticks: false,
      },
      axisX: { grid: false, domain: true, domainColor: palette.line, labelFlush: true, labelOverlap: true },
      legend: {
        aria: false,
        orient: 'top',
        direction: 'horizontal',
        title: null,
        labelColor: palette.inkSoft,
        labelFontSize: 11,
        symbolStrokeWidth: 2,
        offset: 6,
      },
      text: { color: palette.inkSoft, fontSize: 11 },
    },
  };
}

/** Drawn for a phone: fewer ticks, shorter labels. */
export function isNarrow(options: ChartOptions): boolean {
  return options.width < 360;
}

/** As the price panel writes them. */
const timeFormats = {
  year: '%Y',
  quarter: '%b',
  month: '%b',
  week: '%b %-d',
  date: '%b %-d',
  hours: '%H:%M',
  minutes: '%H:%M',
  seconds: '%H:%M:%S',
};

/** A time axis in UTC, whatever zone the machine or the reader lives in. insetPixels: room at both ends for marks wider than a point. */
export function timeAxis(field: string, options: ChartOptions, insetPixels = 0): ChartSpec {
  const scale = insetPixels === 0 ? { type: 'utc' } : { type: 'utc', padding: insetPixels };
  return { field, type: 'temporal', scale, axis: { title: null, format: timeFormats, tickCount: options.width < 480 ? 4 : 8 } };
}

/** The axis of values beside a time axis: as wide in every chart, so that times stand below each other from chart to chart. */
export function valueAxis(options: ChartOptions, format: string, tickCount = 5): ChartSpec {
  return { title: null, format, tickCount, minExtent: isNarrow(options) ? 58 : 70 };
}

/** How an axis writes quote: in full up to a million (on a phone ten thousand), then 1.2M, from 1e15 on in powers of ten. */
export function quoteFormat(largest: number, options: ChartOptions): string {
  return largest >= 1e15 ? '.3~e' : largest >= (isNarrow(options) ? 1e4 : 1e6) ? '~s' : ',~f';
}
