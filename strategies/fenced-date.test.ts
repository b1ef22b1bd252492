import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PlayheadError } from '../engine/errors.ts';
import type { SetupContext, StrategyContext } from '../engine/strategy.ts';
import { compileStrategy } from './evaluate.ts';
import { bundleStrategy } from './loader.ts';
import { traceStrategyError } from './trace.ts';

const root = mkdtempSync(join(tmpdir(), 'playhead-date-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Wednesday, 2022-01-19 23:13:05.007 UTC. */
const timeMs = Date.UTC(2022, 0, 19, 23, 13, 5, 7);
const printed: string[] = [];

/** What an expression gives in onBar, or the error a user would see. */
async function inOnBar(expression: string): Promise<unknown> {
  writeFileSync(
    join(root, 'mine.ts'),
    `import { defineStrategy } from 'playhead';\nexport default defineStrategy({ name: 'mine', parameters: {}, setup: () => ({ onBar: ({ timeMs }) =>\n  (${expression}) as never }) });`,
  );
  const bundle = await bundleStrategy('mine.ts', { root });
  const { onBar } = compileStrategy(bundle.code, (line) => printed.push(line))().setup({} as SetupContext<Record<string, never>>);
  try {
    return onBar?.({ timeMs } as StrategyContext);
  } catch (error) {
    return traceStrategyError(error, bundle.sourceMap);
  }
}

describe('a date made of a finite number', () => {
  test('tells weekday and hour in UTC, wherever the machine stands', async () => {
    const read =
      'const d = new Date(timeMs); return [d.getUTCDay(), d.getUTCHours(), d.getTime(), d.valueOf(), d.toISOString(), d.toJSON()]';
    expect(await inOnBar(`(() => { ${read}; })()`)).toEqual([
      3,
      23,
      timeMs,
      timeMs,
      '2022-01-19T23:13:05.007Z',
      '2022-01-19T23:13:05.007Z',
    ]);
    expect(await inOnBar('JSON.stringify({ at: new Date(timeMs) })')).toBe('{"at":"2022-01-19T23:13:05.007Z"}');
    expect(await inOnBar('[new Date(timeMs) instanceof Date, (new Date(timeMs) as any) - (new Date(0) as any), +new Date(5)]')).toEqual([
      true,
      timeMs,
      5,
    ]);
  });

  test('goes where UTC setters send it, and Date.UTC counts the days', async () => {
    expect(await inOnBar('new Date(timeMs).setUTCHours(0, 0, 0, 0)')).toBe(Date.UTC(2022, 0, 19));
    expect(await inOnBar('new Date(Date.UTC(2022, 1, 1)).toISOString()')).toBe('2022-02-01T00:00:00.000Z');
  });

  test('is printed as a date', async () => {
    await inOnBar('console.log(new Date(timeMs))');
    expect(printed.pop()).toBe('2022-01-19T23:13:05.007Z');
  });
});

describe('what hangs on clock, zone or locale is refused by name and place', () => {
  test.each([
    ['new Date()', 'new Date()', 'use context.timeMs'],
    ['Date()', 'Date()', 'use context.timeMs'],
    ['Date.now()', 'Date.now', 'use context.timeMs'],
    ['new (new Date(0).constructor as any)()', 'new Date()', 'use context.timeMs'],
    ["new Date('2022-01-19')", 'new Date("2022-01-19")', 'use Date.UTC(year, month, day)'],
    ["Date.parse('2022-01-19')", 'Date.parse', 'use Date.UTC(year, month, day)'],
    ['new Date(2022, 0, 19)', 'new Date(…) of several arguments', 'use new Date(Date.UTC(…))'],
    ['new Date(Number.NaN)', 'new Date(NaN)', 'give it a finite number of ms'],
    ['new Date(new Date(0) as any)', 'new Date(an object)', 'give it a finite number of ms'],
    ['new Date(timeMs).getHours()', 'getHours()', 'use getUTCHours()'],
    ['new Date(timeMs).getDay()', 'getDay()', 'use getUTCDay()'],
    ['new Date(timeMs).setHours(0)', 'setHours()', 'use setUTCHours()'],
    ['(new Date(timeMs) as any).getYear()', 'getYear()', 'use getUTCFullYear()'],
    ['new Date(timeMs).getTimezoneOffset()', 'getTimezoneOffset()', 'times are UTC'],
    ['new Date(timeMs).toString()', 'toString()', 'use toISOString()'],
    ['`$' + '{new Date(timeMs)}`', 'toString()', 'use toISOString()'],
    ["new Date(timeMs).toLocaleDateString('de')", 'toLocaleDateString()', 'use toISOString()'],
  ])('%s', async (expression, what, instead) => {
    const { code, message } = (await inOnBar(expression)) as PlayheadError;
    expect(code).toBe('STRATEGY_FORBIDDEN');
    expect(message).toContain(`${what} is forbidden in a strategy, because results would not repeat; ${instead}`);
    expect(message).toMatch(/^mine\.ts:3:\d+: /);
  });

  test('every method that is not of UTC', async () => {
    const names = Object.getOwnPropertyNames(Date.prototype).filter(
      (name) => !/UTC|^(constructor|getTime|setTime|valueOf|toISOString|toJSON)$/.test(name),
    );
    expect(names).toContain('getMonth');
    for (const name of names) {
      expect(await inOnBar(`(new Date(0) as any).${name}()`), name).toMatchObject({ code: 'STRATEGY_FORBIDDEN' });
    }
  });

  test('nothing can be left on it for the next evaluation', async () => {
    const frozen = 'Object.isFrozen(Date.prototype)';
    expect(await inOnBar(frozen)).toBe(true);
    expect(await inOnBar('((Date as any).kept = 1)')).toMatchObject({ code: 'STRATEGY_FORBIDDEN' });
  });
});
