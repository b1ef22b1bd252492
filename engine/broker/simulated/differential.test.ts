/** The engine against a broker that another author wrote from RULES.md alone: random programs of orders, policies and costs. "npm run fuzz" plays more. */
import { describe, expect, test } from 'vitest';
import { compareProgram, compareSeed, shrink } from '../../testing/compare-program.ts';
import type { Program } from '../../testing/program.ts';
import { programOf } from '../../testing/random-program.ts';

const programCount = 600;
const seeds = Array.from({ length: programCount }, (_, i) => i + 1);

describe('random programs', () => {
  test(`have the same fills, cash, positions, ends of orders and ambiguous bars at the naive broker: seeds 1 to ${programCount}`, () => {
    let fillCount = 0;
    for (const seed of seeds) {
      const compared = compareSeed(seed);
      if (compared.difference !== '') expect.fail(compared.difference);
      fillCount += compared.fillCount;
    }
    expect(fillCount).toBeGreaterThan(programCount * 5);
  });

  test('a difference is found, and told by a small program', () => {
    const withoutFees = (program: Program): Program => ({
      ...program,
      instruments: program.instruments.map((one) => ({ ...one, feeRateMaker: '0', feeRateTaker: '0' })),
    });
    const program = seeds.map((seed) => programOf(seed)).find((one) => compareProgram(one, withoutFees).difference !== '');
    expect(program).toBeDefined();
    const small = shrink(program as Program, withoutFees);
    expect(compareProgram(small, withoutFees).difference).toMatch(/^fills 0: engine .* fee 0 .* naive .* fee /);
    expect(small.actions.length).toBe(1);
    expect(compareProgram(small).difference).toBe('');
  });
});
