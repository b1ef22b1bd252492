/**
 * The right answer to the work that all engines of the peer bench are given: a plain loop that compares means in whole cents says so.
 * 525,600 minutes, SMA 10 over 30, 0.1 units, fee 0.1 %, from 1,000,000. Bars: $PEERBENCH_HOME/data/bars-525600.f64, columns of little-endian
 * doubles (time, open, high, low, close, volume).
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BarColumns, Tape } from '../../engine/model/bar.ts';
import { crossedAbove, crossedBelow } from '../../engine/strategy.ts';
import { runOf, strategyOf } from './oracle-run.test.helper.ts';

const home = process.env.PEERBENCH_HOME ?? '';
const path = `${home}/data/bars-525600.f64`;
const isAbsent = home === '' || !existsSync(path);
const reason = isAbsent ? ' (skipped: PEERBENCH_HOME names no folder with data/bars-525600.f64)' : '';

function readTape(): Tape {
  const bytes = readFileSync(path);
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const length = values.length / 6;
  const column = (k: number) => values.subarray(k * length, (k + 1) * length);
  const columns: BarColumns = {
    length,
    openTimeMs: column(0),
    closeTimeMs: column(0).map((timeMs) => timeMs + 60_000),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
  return { key: { venue: 'test', symbol: 'BENCH/USD', timeframe: '1m' }, columns, isSynthetic: true };
}

describe.skipIf(isAbsent)(`peer bench, one run over 525,600 minutes${reason}`, () => {
  test('20,294 fills, 10,147 trades, the order of the last bar expired, equity 924,277.4788 (4 decimals)', () => {
    const strategy = strategyOf(({ bars, indicators }) => {
      const fast = indicators.sma(bars.close, 10);
      const slow = indicators.sma(bars.close, 30);
      return {
        onBar({ order, position }) {
          if (crossedAbove(fast, slow) && position.isFlat) order.market({ side: 1, sizeBase: 0.1 });
          else if (crossedBelow(fast, slow) && position.isLong) order.close();
        },
      };
    });
    const { fills, trades, orders, equity } = runOf({
      tapes: [readTape()],
      instrument: { lotSize: 0.1 },
      settings: { initialCapitalQuote: 1_000_000, costs: { feeRateTaker: 0.001 } },
      strategy,
    });
    expect(fills).toHaveLength(20_294);
    expect(trades).toHaveLength(10_147);
    expect(orders.filter((order) => order.status === 'expired')).toHaveLength(1);
    expect(orders).toHaveLength(20_295);
    expect(equity.equityQuote[equity.equityQuote.length - 1].toFixed(4)).toBe('924277.4788');
  });
});
