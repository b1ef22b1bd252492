import { describe, expect, test } from 'vitest';
import { indicators } from './catalogue.ts';
import type { IndicatorDefinition } from './definition.ts';
import { column, compute, expectColumn, oracleExists, readColumns, readOracle } from './oracles.test.helper.ts';

const isPresent = oracleExists('tulip') && oracleExists('ta-bukosabino');
const reason = isPresent ? '' : ' (skipped: ../shared/oracles is absent)';

interface TulipCase {
  readonly name: string;
  readonly definition: IndicatorDefinition;
  /** Our columns out of their input rows. */
  readonly inputs: readonly number[];
  /** Our outputs in the order of theirs. */
  readonly outputs: readonly string[];
}

const tulipCases: readonly TulipCase[] = [
  { name: 'sma', definition: indicators.sma, inputs: [0], outputs: ['sma'] },
  { name: 'wma', definition: indicators.wma, inputs: [0], outputs: ['wma'] },
  { name: 'wilders', definition: indicators.rma, inputs: [0], outputs: ['rma'] },
  { name: 'rsi', definition: indicators.rsi, inputs: [0], outputs: ['rsi'] },
  { name: 'bbands', definition: indicators.bollinger, inputs: [0], outputs: ['lower', 'middle', 'upper'] },
  { name: 'stoch', definition: indicators.stochastic, inputs: [0, 1, 2], outputs: ['k', 'd'] },
  { name: 'max', definition: indicators.donchian, inputs: [0, 0], outputs: ['upper'] },
  { name: 'min', definition: indicators.donchian, inputs: [0, 0], outputs: ['lower'] },
];

interface TulipTest {
  readonly options: readonly number[];
  readonly rows: readonly Float64Array[];
}

/** Tests of one name: a line with name and options, then rows in braces; comments between. */
function tulipTests(file: string, name: string): TulipTest[] {
  const found: { options: number[]; rows: Float64Array[] }[] = [];
  let isWanted = false;
  for (const line of readOracle(`tulip/${file}`).split(/\r?\n/)) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (line.startsWith('{')) {
      if (isWanted) found[found.length - 1].rows.push(Float64Array.from(line.replace(/[{}\s]/g, '').split(','), Number));
      continue;
    }
    const [title, ...options] = line.trim().split(/\s+/);
    isWanted = title === name;
    if (isWanted) found.push({ options: options.map(Number), rows: [] });
  }
  return found;
}

/**
 * Left out, because Tulip's conventions are not ours: ema and macd (seeded by the first price), atr (counts bar 0), adx, di, dx, adxr
 * (n − 1 true ranges, as TA-Lib). Their outputs start with their first number: compared from the last row backwards.
 */
describe.skipIf(!isPresent)(`Tulip vectors, every row, tolerance 0.001 as in its own test (3 or 4 printed decimals)${reason}`, () => {
  for (const file of ['atoz.txt', 'untest.txt', 'extra.txt']) {
    for (const { name, definition, inputs, outputs } of tulipCases) {
      const tests = isPresent ? tulipTests(file, name) : [];
      if (isPresent && tests.length === 0) continue;
      test(`${definition.name} equals ${name} of ${file} (${tests.length} tests)`, () => {
        for (const { options, rows } of tests) {
          const decimals = file === 'untest.txt' ? 2 : 4;
          const found = compute({ definition, parameters: options, columns: inputs.map((row) => rows[row]), decimals });
          const expected = rows.slice(rows.length - outputs.length);
          outputs.forEach((output, k) => {
            const values = found[definition.outputs.indexOf(output)];
            expectColumn(values.subarray(values.length - expected[k].length), expected[k], 0.001);
          });
        }
      });
    }
  }
});

interface Sheet {
  readonly file: string;
  readonly definition: IndicatorDefinition;
  readonly parameters: readonly number[];
  readonly sources: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly tolerance: number;
  /** First row that can be compared: the sheet's own first rows use prices it does not show. */
  readonly from?: number;
}

const bar = ['High', 'Low', 'Close'];
const sheets: readonly Sheet[] = [
  {
    file: 'cs-bbands.csv',
    definition: indicators.bollinger,
    parameters: [20, 2],
    sources: ['Close'],
    fields: { middle: 'MiddleBand', upper: 'HighBand', lower: 'LowBand' },
    tolerance: 2e-6,
  },
  {
    file: 'cs-dc.csv',
    definition: indicators.donchian,
    parameters: [20],
    sources: ['high', 'low'],
    fields: { upper: 'upper_band', lower: 'lower_band' },
    tolerance: 0,
  },
  // The sheet prints the middle with two decimals.
  {
    file: 'cs-dc.csv',
    definition: indicators.donchian,
    parameters: [20],
    sources: ['high', 'low'],
    fields: { middle: 'middle_band' },
    tolerance: 0.0050001,
  },
  {
    file: 'cs-soo.csv',
    definition: indicators.stochastic,
    parameters: [14, 1, 3],
    sources: bar,
    fields: { k: 'SO', d: 'SO_SIG' },
    tolerance: 2e-6,
  },
  {
    file: 'cs-wma.csv',
    definition: indicators.wma,
    parameters: [9],
    sources: ['Close'],
    fields: { wma: 'WMA' },
    tolerance: 1e-4,
    from: 8,
  },
  {
    file: 'cs-adx.csv',
    definition: indicators.adx,
    parameters: [14],
    sources: bar,
    fields: { adx: 'ADX', plus: '+DI14', minus: '-DI14' },
    tolerance: 2e-3,
  },
];

/** Left out, because the sheets' conventions are not ours: cs-macd (seeded by the first price), cs-atr and cs-atr2 (count bar 0), cs-rsi (starts from one change). */
describe.skipIf(!isPresent)(`ChartSchool spreadsheets (bukosabino/ta), every row the sheet has${reason}`, () => {
  for (const { file, definition, parameters, sources, fields, tolerance, from = 0 } of sheets) {
    test(`${definition.name}(${parameters}) equals ${file} ${Object.values(fields)}, tolerance ${tolerance}`, () => {
      const sheet = readColumns(`ta-bukosabino/${file}`);
      const found = compute({ definition, parameters, columns: sources.map((name) => column(sheet, name)), decimals: 4 });
      for (const [output, field] of Object.entries(fields)) {
        const expected = column(sheet, field);
        const values = found[definition.outputs.indexOf(output)].map((value, i) => (Number.isNaN(expected[i]) ? Number.NaN : value));
        expectColumn(values.subarray(from), expected.subarray(from), tolerance);
        expect(expected.some((value) => !Number.isNaN(value))).toBe(true);
      }
    });
  }
});
