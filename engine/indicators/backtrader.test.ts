import { describe, expect, test } from 'vitest';
import { indicators } from './catalogue.ts';
import type { IndicatorDefinition } from './definition.ts';
import { column, compute, oracleExists, readColumns, readOracle } from './oracles.test.helper.ts';

interface Checkpoints {
  readonly indicator: string;
  readonly params: Record<string, unknown>;
  readonly lines: readonly string[];
  readonly bar_index_0based: readonly number[];
  readonly expected_per_line: readonly (readonly (string | readonly string[])[])[];
}

interface Case {
  readonly theirs: string;
  readonly definition: IndicatorDefinition;
  readonly parameters: readonly number[];
  readonly sources: readonly string[];
  /** Our output for each of their lines; null where we have none. */
  readonly outputs: readonly (string | null)[];
}

const bar = ['High', 'Low', 'Close'];
const close = ['Close'];
/** Their Highest and Lowest read one line, by default the close. */
const closes = ['Close', 'Close'];
const cases: readonly Case[] = [
  { theirs: 'SMA', definition: indicators.sma, parameters: [30], sources: close, outputs: ['sma'] },
  { theirs: 'EMA', definition: indicators.ema, parameters: [30], sources: close, outputs: ['ema'] },
  { theirs: 'SMMA', definition: indicators.rma, parameters: [30], sources: close, outputs: ['rma'] },
  { theirs: 'WMA', definition: indicators.wma, parameters: [30], sources: close, outputs: ['wma'] },
  { theirs: 'RSI', definition: indicators.rsi, parameters: [14], sources: close, outputs: ['rsi'] },
  { theirs: 'RSI_Safe', definition: indicators.rsi, parameters: [14], sources: close, outputs: ['rsi'] },
  { theirs: 'ATR', definition: indicators.atr, parameters: [14], sources: bar, outputs: ['atr'] },
  { theirs: 'MACDHisto', definition: indicators.macd, parameters: [12, 26, 9], sources: close, outputs: ['macd', 'signal', 'histogram'] },
  { theirs: 'PriceOsc', definition: indicators.macd, parameters: [12, 26, 9], sources: close, outputs: ['macd'] },
  { theirs: 'BBands', definition: indicators.bollinger, parameters: [20, 2], sources: close, outputs: ['middle', 'upper', 'lower'] },
  { theirs: 'Highest', definition: indicators.donchian, parameters: [14], sources: closes, outputs: ['upper'] },
  { theirs: 'Lowest', definition: indicators.donchian, parameters: [14], sources: closes, outputs: ['lower'] },
  { theirs: 'Stochastic', definition: indicators.stochastic, parameters: [14, 3, 3], sources: bar, outputs: ['k', 'd'] },
  { theirs: 'StochasticFull', definition: indicators.stochastic, parameters: [14, 1, 3], sources: bar, outputs: ['k', 'd', null] },
  { theirs: 'DM', definition: indicators.adx, parameters: [14], sources: bar, outputs: ['adx', null, 'plus', 'minus'] },
  {
    theirs: 'Ichimoku',
    definition: indicators.ichimoku,
    parameters: [9, 26, 52, 26],
    sources: bar,
    // Chikou: they draw it in the past.
    outputs: ['tenkan', 'kijun', 'spanA', 'spanB', null],
  },
];

const file = 'backtrader/expected_indicator_checkpoints.json';
const isPresent = oracleExists(file);
const reason = isPresent ? '' : ' (skipped: ../shared/oracles is absent)';

describe.skipIf(!isPresent)(`backtrader, 255 daily bars of 2006, three check bars each, all 6 printed decimals${reason}`, () => {
  const quotes = isPresent ? readColumns('backtrader/2006-day-001.txt') : new Map<string, Float64Array>();
  const all = isPresent ? (JSON.parse(readOracle(file)) as Checkpoints[]) : [];

  for (const { theirs, definition, parameters, sources, outputs } of cases) {
    test(`${definition.name}(${parameters}) equals ${theirs}`, () => {
      const { lines, bar_index_0based: bars, expected_per_line: expected } = all.filter(({ indicator }) => indicator === theirs)[0];
      const columns = sources.map((name) => column(quotes, name));
      const found = compute({ definition, parameters, columns, decimals: 2 });
      expect(lines.length).toBe(outputs.length);
      outputs.forEach((output, line) => {
        if (output === null) return;
        const values = found[definition.outputs.indexOf(output)];
        expect(bars.map((index) => values[index].toFixed(6))).toEqual(expected[line]);
        const first = bars[1];
        if (lines.length === 1) expect(values.subarray(0, first).every(Number.isNaN)).toBe(true);
      });
    });
  }
});
