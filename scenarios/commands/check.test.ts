import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesk, type Desk, strategy } from '../desk.test.helper.ts';

let desk: Desk;
beforeAll(() => {
  desk = createDesk();
});
afterAll(() => desk.remove());

const leaking = `import { crossedAbove, crossedBelow, defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'leaking',
  parameters: {},
  setup({ bars, indicators }) {
    let kept: number[] = [];
    indicators.batch('keep', bars.close, (source, target) => { kept = [...source]; target.set(source); });
    const ahead = indicators.stream('ahead', bars.close, () => { let n = 0; return () => kept[++n] ?? NaN; });
    return {
      onBar({ order, position }) {
        if (crossedAbove(ahead, bars.close) && position.isFlat) order.market({ side: 1, equityFraction: 0.5 });
        else if (crossedBelow(ahead, bars.close)) order.close();
      },
    };
  },
});
`;

const centred = leaking.replace(
  /let kept[\s\S]*\?\? NaN; }\);/,
  (_all) => `const ahead = indicators.batch('ahead', bars.close, (source, target) => {
      for (let i = 1; i + 1 < source.length; i++) target[i] = (source[i - 1] + source[i] + source[i + 1]) / 3;
    });`,
);

describe('playhead check', () => {
  test('passes the project that init makes, in all three ways', () => {
    const lookahead = desk.playhead(['check', 'lookahead', '--samples', '6', '-q']);
    expect([lookahead.code, lookahead.error]).toEqual([0, '']);
    expect(lookahead.out).toMatch(/^check lookahead {2}passed\nsampled 6 bars \(seed 1\).*: 2 indicator columns, \d+ orders\n$/);
    const warmup = desk.playhead(['check', 'warmup', '--samples', '4', '-q']);
    expect(warmup.code).toBe(0);
    expect(warmup.out).toContain('check warmup  passed');
    expect(warmup.out).toMatch(/sma\(index SP500\/USD 1d close; 100\)\S* +99 +99 +99\n/);
    const wake = desk.playhead(['check', 'wake', '-q']);
    expect([wake.code, wake.out]).toEqual([0, expect.stringMatching(/^check wake {2}passed\n/)]);
  });

  test('ends with 4 and the place of the read, in a document with --json', () => {
    const scenario = desk.writeScenario('centred', centred);
    const shown = desk.playhead(['check', 'lookahead', scenario, '--samples', '5', '-q']);
    expect(shown.code).toBe(4);
    expect(shown.out).toContain('check lookahead  FAILED');
    expect(shown.error).toMatch(/^error LOOKAHEAD: strategies\/centred\.ts:7:\d+: batch ahead\(.*\): this reads 1 bar ahead; /);
    const { code, out } = desk.playhead(['check', 'lookahead', scenario, '--samples', '5', '--seed', '9', '-q', '--json']);
    const document = JSON.parse(out);
    expect(code).toBe(4);
    expect(document).toMatchObject({ passed: false, seed: 9, sampledBarCount: 5, leaks: [{ place: { line: 7 }, barsAhead: 1 }, {}] });
    expect(document.error).toMatchObject({
      code: 'LOOKAHEAD',
      exitCode: 4,
      fields: { file: 'strategies/centred.ts', line: 7, barsAhead: 1 },
    });
  });

  test('refuses a count that is none', () => {
    const { code, error } = desk.playhead(['check', 'lookahead', '--samples', '0.5']);
    expect([code, error]).toEqual([2, 'error USAGE: --samples: was "0.5", expected a whole number from 1 to 100000\n']);
  });

  test('wake conditions that sleep through orders are CHECK_FAILED', () => {
    const text = strategy('if (calls === 7) order.market({ side: 1, sizeBase: 1 });').replace(
      'setup() {',
      'setup({ wake }) { wake.onSchedule({ everyMs: 864_000_000 });',
    );
    const { code, error } = desk.playhead(['check', 'wake', desk.writeScenario('sleepy', text), '-q']);
    expect(code).toBe(4);
    expect(error).toMatch(/^error CHECK_FAILED: orders depend on the wake conditions: order 0: submittedMs changes from /);
  });
});

describe('playhead run --checked', () => {
  test('keeps what the checks found with the run, and changes no hash', () => {
    const run = (...more: string[]) => JSON.parse(desk.playhead(['run', '--json', '-q', '--no-report', ...more]).out);
    const checked = run('--checked');
    expect(checked.checks).toEqual([
      { check: 'lookahead', passed: true, sampledBarCount: 20, seed: 1, finding: '' },
      { check: 'wake', passed: true, sampledBarCount: 0, seed: 1, finding: '' },
    ]);
    const plain = run();
    expect(plain.checks).toEqual([]);
    expect(plain.certificate).toEqual(checked.certificate);
    expect(desk.playhead(['verify', checked.id]).code).toBe(0);
    expect(desk.playhead(['run', '--checked', '-q', '--no-report']).out).toContain(
      'check        lookahead passed, 20 bars sampled (seed 1)\ncheck        wake passed, the whole run\n',
    );
  });

  test('ends with 4 where a leak is found that the run alone lets pass', () => {
    const scenario = desk.writeScenario('leaking', leaking);
    expect(desk.playhead(['run', scenario, '-q', '--no-report']).code).toBe(0);
    const { code, error } = desk.playhead(['run', scenario, '--checked', '-q', '--no-report']);
    expect(code).toBe(4);
    expect(error).toMatch(/^error LOOKAHEAD: strategies\/leaking\.ts:8:\d+: stream ahead\(.*\): it reaches 1 bar ahead; /);
  });

  test('all shipped strategies carry it', () => {
    for (const name of ['moving-average-cross', 'donchian-breakout', 'ichimoku', 'buy-and-hold']) {
      const set = ['--set', `strategy={ use: ${name} }`];
      const { code, out, error } = desk.playhead(['run', '--json', '-q', '--no-report', '--checked', ...set]);
      expect([name, code, error]).toEqual([name, 0, '']);
      expect(JSON.parse(out).checks.map((check: { passed: boolean }) => check.passed)).toEqual([true, true]);
    }
    const { code } = desk.playhead([
      'run',
      '-q',
      '--no-report',
      '--checked',
      '--set',
      'strategy={ use: rotation, parameters: { holdCount: 1 } }',
    ]);
    expect(code).toBe(0);
  });
});
