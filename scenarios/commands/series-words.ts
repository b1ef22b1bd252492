/** Owns which stored series the words of a command mean: venue, symbol and timeframe, or fewer where one series alone fits. Never reads bars. */
import type { Catalogue } from '../../data/catalogue.ts';
import { ConfigError } from '../../engine/errors.ts';
import { type SeriesKey, seriesName } from '../../engine/model/bar.ts';
import { isTimeframe, type Timeframe, timeframes } from '../../engine/model/timeframe.ts';
import { nearest } from '../../engine/nearest.ts';

const shownMax = 6;

/** The series; USAGE with the form expected where the words fit none of the stored ones, or several. form: 'data show <venue> <symbol> <timeframe>'. */
export function seriesOf(catalogue: Catalogue, words: readonly string[], form: string): SeriesKey {
  if (words.length === 3) return { venue: words[0], symbol: words[1], timeframe: timeframeOf(words[2]) };
  const keys = catalogue.list().map(({ key }) => key);
  const fitting = keys.filter(({ venue, symbol, timeframe }) => isPart(words, [venue, symbol, timeframe]));
  if (words.length > 0 && fitting.length === 1) return fitting[0];
  throw refusal({ words, form, fitting: fitting.map(seriesName), all: keys.map(seriesName) });
}

/** As seriesOf(), of an instrument: <venue> <symbol>, or the symbol alone. */
export function instrumentOf(catalogue: Catalogue, words: readonly string[], form: string): { venue: string; symbol: string } {
  if (words.length === 2) return { venue: words[0], symbol: words[1] };
  const names = new Map(catalogue.list().map(({ key: { venue, symbol } }) => [`${venue} ${symbol}`, { venue, symbol }]));
  const fitting = [...names].filter(([, { venue, symbol }]) => isPart(words, [venue, symbol]));
  if (words.length > 0 && fitting.length === 1) return fitting[0][1];
  throw refusal({ words, form, fitting: fitting.map(([name]) => name), all: [...names.keys()] });
}

export function timeframeOf(timeframe: string): Timeframe {
  if (isTimeframe(timeframe)) return timeframe;
  const near = nearest(timeframe, timeframes);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new ConfigError('USAGE', `timeframe "${timeframe}" is unknown, expected one of ${timeframes.join(', ')}${hint}`, { timeframe });
}

/** True where the words are some of the parts, in their order. */
function isPart(words: readonly string[], parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) if (part === words[at]) at++;
  return at === words.length;
}

interface Refused {
  readonly words: readonly string[];
  readonly form: string;
  readonly fitting: readonly string[];
  readonly all: readonly string[];
}

function refusal({ words, form, fitting, all }: Refused): ConfigError {
  const listed = (names: readonly string[]): string =>
    `${names.slice(0, shownMax).join(', ')}${names.length > shownMax ? ` and ${names.length - shownMax} more` : ''}`;
  const expected = `expected "npx playhead ${form}", or fewer words where one stored series alone fits`;
  if (words.length === 0 || words.length > 3) return new ConfigError('USAGE', `found ${words.length || 'no'} words, ${expected}`);
  const found = `"${words.join(' ')}"`;
  if (fitting.length > 0) return new ConfigError('USAGE', `${found} fits ${fitting.length}: ${listed(fitting)}; ${expected}`);
  const near = nearest(words.join(' '), all);
  const hint = near !== undefined ? `; did you mean "${near}"?` : all.length === 0 ? '; none is stored' : `; stored are ${listed(all)}`;
  return new ConfigError('USAGE', `${found} fits no stored series${hint} (${expected})`);
}
