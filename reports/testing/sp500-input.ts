/** Owns a fake run on real bars, for looking at reports: the S&P 500 by day from the development dependency vega-datasets. */
import { readFileSync } from 'node:fs';
import type { ReportInput } from '../report-input.ts';
import { emptyBars, fakeInput } from './fake-input.ts';

const dayMs = 86_400_000;

export function sp500Input(): ReportInput {
  const path = new URL('../../node_modules/vega-datasets/data/sp500-2000.csv', import.meta.url);
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .filter((line) => line >= '2008');
  const bars = emptyBars(rows.length);
  for (const [row, line] of rows.entries()) {
    const [date, open, high, low, close, , volume] = line.split(',');
    bars.openTimeMs[row] = Date.parse(`${date}T00:00:00Z`);
    bars.closeTimeMs[row] = bars.openTimeMs[row] + dayMs;
    bars.open[row] = Number(open);
    bars.high[row] = Number(high);
    bars.low[row] = Number(low);
    bars.close[row] = Number(close);
    bars.volume[row] = Number(volume);
  }
  return fakeInput({ bars, symbol: 'SPX', fast: 20, slow: 60 });
}
