import { describe, expect, test } from 'vitest';
import { standardDeviation } from '../metrics/moments.ts';
import type { Tape } from '../model/bar.ts';
import { resample } from '../resample.ts';
import { tapeOf } from '../testing/tapes.ts';
import { faultOf, wanderingTape } from './altered-bars.test.helper.ts';
import { noisyTapes } from './noisy-tapes.ts';

const noise = { rangeFraction: 0.2, replicate: 0, seed: 1 };

describe('noise on prices', () => {
  const tape = wanderingTape(300, 4);

  test('leaves valid bars on the tick at the same times, with the same volumes', () => {
    for (let replicate = 0; replicate < 10; replicate++) {
      const [noisy] = noisyTapes([tape], [0.01], { ...noise, replicate });
      expect(faultOf(noisy, tape, 0.01)).toBe('');
      expect(noisy.columns.volume).toEqual(tape.columns.volume);
    }
    // Prices of a tick or two stay above 0.
    const pennies = wanderingTape(300, 4, { tick: 50 });
    expect(faultOf(noisyTapes([pennies], [50], { ...noise, rangeFraction: 3 })[0], pennies, 50)).toBe('');
  });

  test('is as wide as asked, in parts of the mean true range', () => {
    // Every true range is 10.
    const level = tapeOf(Array.from({ length: 4_000 }, () => [1_000, 1_005, 995, 1_000] as const));
    const [{ columns }] = noisyTapes([level], [1e-8], noise);
    for (const name of ['open', 'close'] as const) {
      const deviation = standardDeviation(columns[name], 1);
      expect(Math.abs(deviation - 2)).toBeLessThan((4 * 2) / Math.sqrt(8_000));
    }
    expect(columns.open).not.toEqual(columns.close);
  });

  test('is none where none is asked', () => {
    const [same] = noisyTapes([tape], [0.01], { ...noise, rangeFraction: 0 });
    for (const name of ['open', 'high', 'low', 'close'] as const) expect([...same.columns[name]]).toEqual([...tape.columns[name]]);
  });

  test('differs by replicate, seed and tape, and coarser bars are made of the noisy ones', () => {
    const close = (given: Partial<typeof noise> = {}): number[] => [...noisyTapes([tape], [0.01], { ...noise, ...given })[0].columns.close];
    expect(close()).toEqual(close());
    expect(close({ replicate: 1 })).not.toEqual(close());
    expect(close({ seed: 2 })).not.toEqual(close());
    const twin: Tape = { ...tape, key: { ...tape.key, symbol: 'ETH/USDT' } };
    const hours: Tape = {
      key: { ...tape.key, timeframe: '1h' },
      isSynthetic: false,
      columns: resample(tape.columns, { from: '1m', to: '1h' }),
    };
    const [one, other, coarse] = noisyTapes([tape, twin, hours], [0.01, 0.01, 0.01], noise);
    expect([...one.columns.close]).not.toEqual([...other.columns.close]);
    expect([...coarse.columns.high]).toEqual([...resample(one.columns, { from: '1m', to: '1h' }).high]);
  });
});
