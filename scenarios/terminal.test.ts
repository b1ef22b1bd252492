import { describe, expect, test } from 'vitest';
import { ConfigError, GateError, StrategyError } from '../engine/errors.ts';
import type { RunResult } from '../engine/result.ts';
import { csvOf } from './commands/export-run.ts';
import { tablesOf } from './commands/run-tables.ts';
import { paceOf } from './progress.ts';
import { exitCodeOf, fitted, Interrupted, interruptible, plainNumber, secondsOf, table } from './terminal.ts';

test('tables align, numbers to the right, without trailing blanks', () => {
  expect(
    table(
      [
        ['name', 'n'],
        ['a', '10'],
        ['long', '7'],
      ],
      [1],
    ),
  ).toBe('name   n\na     10\nlong   7');
});

test('exit codes follow the class of the error', () => {
  const errors = [
    new Error('ours'),
    new ConfigError('USAGE', ''),
    new GateError('VERIFY_FAILED', ''),
    new StrategyError('STRATEGY_THREW', ''),
    new Interrupted('SIGINT'),
    new Interrupted('SIGTERM'),
    'thrown text',
  ];
  expect(errors.map(exitCodeOf)).toEqual([1, 2, 4, 5, 130, 143, 1]);
});

test('JSON holds NaN as null and infinities as text', () => {
  expect(JSON.stringify({ a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: 1.5 }, plainNumber)).toBe('{"a":null,"b":"-Infinity","c":1.5}');
});

test('seconds are a number above 0', () => {
  expect(secondsOf('1.5', '--time-limit')).toBe(1.5);
  for (const text of ['0', '-1', '', 'NaN', '1e99'])
    expect(() => secondsOf(text, '--time-limit')).toThrow(`--time-limit: was "${text}", expected seconds`);
});

test('the pace is the mean so far', () => {
  expect(paceOf(0, 100, 50)).toEqual({ rate: '–', left: '–' });
  expect(paceOf(2_500_000, 10_000_000, 1000)).toEqual({ rate: '2.5 M', left: '3 s' });
  expect(paceOf(1000, 1_000_000, 1000)).toEqual({ rate: '1 k', left: '16 min 39 s' });
});

describe('interruptible', () => {
  test('takes its listeners away again', async () => {
    const before = process.listenerCount('SIGINT');
    await expect(interruptible(async () => 5)).resolves.toBe(5);
    await expect(interruptible(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
  test('aborts its task, and a task that does not look fails all the same', async () => {
    const deaf = interruptible(async () => {
      process.emit('SIGTERM', 'SIGTERM');
    });
    await expect(deaf).rejects.toMatchObject({ exitCode: 143 });
  });
});

test('a table is cut, one column behind the other, until a line fits, and none further than eight characters', () => {
  const rows = [
    ['id', 'parameters', 'name', 'return'],
    ['12345', 'fast=12 slow=100 stop=0.02', 'a longer name', '+1.00%'],
  ];
  expect(fitted(rows, [1, 2], 40)).toEqual([rows[0], ['12345', 'fast=12 s…', 'a longer name', '+1.00%']]);
  expect(fitted(rows, [1, 2], 10)).toEqual([
    ['id', 'paramet…', 'name', 'return'],
    ['12345', 'fast=12…', 'a longe…', '+1.00%'],
  ]);
  expect(fitted(rows, [1, 2], 80)).toEqual(rows);
});

test('CSV quotes what needs it and leaves NaN empty', () => {
  expect(
    csvOf([
      { a: 1, b: 'x,"y"' },
      { a: Number.NaN, b: '' },
    ]),
  ).toBe('a,b\n1,"x,""y"""\n,\n');
  expect(csvOf([])).toBe('');
});

test('CSV writes what is nested as JSON, what is absent as nothing, and the columns of all rows', () => {
  expect(csvOf([{ a: 1 }, { a: 2, terms: undefined }, { a: 3, terms: { kind: 'GTD', tillMs: Number.POSITIVE_INFINITY } }])).toBe(
    'a,terms\n1,\n2,\n3,"{""kind"":""GTD"",""tillMs"":""Infinity""}"\n',
  );
});

describe('tables of an export', () => {
  const result = {
    instruments: [
      { venue: 'v', symbol: 'A/B', quoteDecimals: 8 },
      { venue: 'v', symbol: 'C/B', quoteDecimals: 2 },
    ],
    orders: [{ id: 0, instrumentIndex: 0, submittedMs: 0, endedMs: Number.NaN, limitPrice: 0.1 + 0.2 }],
    fills: [{ instrumentIndex: 1, timeMs: 60_000, openTimeMs: 0, priceQuote: 0.1 + 0.2, feeQuote: 0.1 + 0.2 }],
    trades: [{ instrumentIndex: 0, entryMs: 0, exitOpenMs: 1000, pnlQuote: -22.38528000000041 }],
    equity: { timeMs: Float64Array.of(5), equityQuote: Float64Array.of(0.1 + 0.2) },
    buyAndHold: Float64Array.of(1),
    accountEvents: [{ timeMs: 5, kind: 'interest', figures: { currency: 'B', debit: 100, amount: 0.1 } }],
    riskEvents: [
      {
        timeMs: 5,
        kind: 'clip',
        rule: 'cash',
        instrumentIndex: 1,
        orderId: 0,
        from: 'ACTIVE',
        to: 'ACTIVE',
        figures: { room: 1 },
        reason: 'r',
      },
      {
        timeMs: 6,
        kind: 'halt',
        rule: 'drawdown',
        instrumentIndex: -1,
        orderId: -1,
        from: 'ACTIVE',
        to: 'HALTED',
        figures: {},
        reason: 's',
      },
    ],
    metrics: {},
  } as unknown as RunResult;
  test('tell symbol and ISO times, and money without the noise of doubles', () => {
    expect(tablesOf(result, true)).toEqual({
      orders: [
        {
          venue: 'v',
          symbol: 'A/B',
          id: 0,
          instrumentIndex: 0,
          submittedMs: 0,
          submittedTime: '1970-01-01T00:00:00.000Z',
          endedMs: Number.NaN,
          endedTime: Number.NaN,
          limitPrice: 0.1 + 0.2,
        },
      ],
      fills: [
        {
          venue: 'v',
          symbol: 'C/B',
          instrumentIndex: 1,
          timeMs: 60_000,
          time: '1970-01-01T00:01:00.000Z',
          openTimeMs: 0,
          openTime: '1970-01-01T00:00:00.000Z',
          priceQuote: 0.1 + 0.2,
          feeQuote: 0.3,
        },
      ],
      trades: [
        {
          venue: 'v',
          symbol: 'A/B',
          instrumentIndex: 0,
          entryMs: 0,
          entryTime: '1970-01-01T00:00:00.000Z',
          exitOpenMs: 1000,
          exitOpenTime: '1970-01-01T00:00:01.000Z',
          pnlQuote: -22.38528,
        },
      ],
      equity: [{ timeMs: 5, time: '1970-01-01T00:00:00.005Z', equityQuote: 0.1 + 0.2, buyAndHoldQuote: 1 }],
      accountEvents: [
        { timeMs: 5, time: '1970-01-01T00:00:00.005Z', kind: 'interest', figures: { currency: 'B', debit: 100, amount: 0.1 } },
      ],
      riskEvents: [
        {
          timeMs: 5,
          time: '1970-01-01T00:00:00.005Z',
          kind: 'clip',
          rule: 'cash',
          venue: 'v',
          symbol: 'C/B',
          orderId: 0,
          from: 'ACTIVE',
          to: 'ACTIVE',
          figures: { room: 1 },
          reason: 'r',
        },
        {
          timeMs: 6,
          time: '1970-01-01T00:00:00.006Z',
          kind: 'halt',
          rule: 'drawdown',
          from: 'ACTIVE',
          to: 'HALTED',
          figures: {},
          reason: 's',
        },
      ],
      metrics: [{}],
    });
  });
  test('leave money alone where the ledger kept plain doubles', () => {
    expect(tablesOf(result, false).trades[0].pnlQuote).toBe(-22.38528000000041);
  });
});
