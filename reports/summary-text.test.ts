import { expect, test } from 'vitest';
import type { ReportInput } from './report-input.ts';
import { summaryText } from './summary-text.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { riskEvents } from './testing/risk-events.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });
const plain = { color: false, width: 80 };
const withResult = (changed: Partial<ReportInput['result']>): ReportInput => ({ ...input, result: { ...input.result, ...changed } });

test('a drawdown that never was has no length', () => {
  const text = summaryText(withResult({ metrics: { ...input.result.metrics, drawdownMsMax: 0 } }), plain);
  expect(text).toMatch(/Longest drawdown +none /);
});

test('annualised figures get a caution from less than a quarter of a year', () => {
  const textOf = (days: number): string => {
    const daily = { timeMs: input.result.daily.timeMs.subarray(0, days), equityQuote: input.result.daily.equityQuote.subarray(0, days) };
    return summaryText({ ...withResult({ daily }), scenario: { metrics: { periodsPerYear: 252 } } }, plain).replaceAll(/\s+/g, ' ');
  };
  expect(textOf(1)).toContain('stand on 1 day alone: the standard error of the Sharpe ratio is about 15.9');
  expect(textOf(62)).toContain('stand on 62 days alone: the standard error of the Sharpe ratio is about 2.0');
  expect(textOf(63)).not.toContain('alone');
});

test('says what matters in eighty columns', () => {
  const quality = { issues: [], gapCount: 1, missingBarCount: 1, rowCount: 99 };
  expect(summaryText({ ...input, quality }, plain)).toContain('1 bar missing in 1 gap (1.00%)');
  expect(summaryText(input, plain)).toMatchInlineSnapshot(`
    "moving-average-cross · fast 10 · slow 30
    test TEST/USD 1d  2021-01-01 → 2021-04-30 UTC  120 bars

          11,629 │         ⡀⡀⡀ ⡀ ⡆⠄⡀⡄⡆⠆⡀⠇⠃⠁⠃⠂⠃⠁⠃⠂⡄⡄
                 │      ⡀⠄⠂⠁⠁⠁⠁⠁⠃                 ⠁⡀⡀   ⡀ ⡀⡄⠆⠂⡀⡀⡄⡄⡆⡀⡀
                 │  ⡀⡄⡄⠃                            ⠃⡀⠄⠆⠁⠂⠁⠁       ⠁ ⠂⠄⡄  ⡀
                 │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠖⠶⠲⠤⠏⠉⠉⠓⠋⠉⠙⠛⠒⣦⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣠⣄⣀⣀   ⠃⠂⠃⠇⠆⠄⡄
           9,431 │                                                 ⠉⠘⠲⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
                  2021-01-01                                              2021-04-30
                  ⣿ equity  ⠒ buy and hold  in USD

    Return                          −4.74%    Equity at the end             9,525.67
    Buy and hold                    −5.69%    Trades                               2
    CAGR                           −13.75%    Win rate                         0.00%
    Sharpe ratio                    −1.155    Profit factor                    0.000
    Sortino ratio                   −1.491    Expectancy                     −237.17
    Deepest drawdown                 7.33%    Best trade before fees          −1.26%
    Longest drawdown                  69 d    Worst trade before fees         −3.18%
    Exposure                        33.33%    Average holding                   20 d
    Fees                             38.89    System quality number           −2.557
    Slippage                         19.45    Ambiguous bars                       3

    Costs by purpose            fees        slippage     of notional
    Strategy orders            29.44           14.72          0.150%
    Stop losses                 9.45            4.73          0.150%

    ! The stop and the target lay inside 3 bars: the stop was assumed first.

    Data quality 7 bars with an open that repeats the close before (flag)
                 5 bars missing in 2 gaps (4.00%)
    Certificate  7777777777777777   check it with
      npx playhead verify 20260102-test-4f1c
    "
  `);
});

test('tells changes of the state, the first of many, counts pauses, and leaves out sizes made smaller', () => {
  const text = (events: typeof riskEvents) => summaryText(withResult({ riskEvents: events }), plain);
  expect(text(riskEvents)).toContain(
    [
      'Risk',
      '2021-02-03 09:30  ACTIVE → REDUCING  3 losing positions in a row: REDUCING',
      '  until 2021-02-04 09:30',
      'entries into single instruments were paused: cooldown 1',
      '',
    ].join('\n'),
  );
  expect(text(Array.from({ length: 9 }, () => riskEvents[0]))).toContain(
    '\n… and 3 more; "npx playhead runs export 20260102-test-4f1c" gives all\n',
  );
  expect(text([])).not.toContain('Risk\n');
  expect(text(riskEvents.slice(2))).not.toContain('Risk\n');
});

test('tells what the account was charged beside fees, and only what came to anything', () => {
  const ledger = { ...input.result.ledger, interest: '12.20797964', borrowFees: '0', liquidationFees: '217.9', writeOff: '-35.5' };
  const text = summaryText(withResult({ ledger, otherLedgers: { EUR: { deposit: '5', interest: '0.25' } } }), plain);
  expect(text).toContain(
    [
      '',
      'Charged beside fees',
      'Interest                                     12.21 USD, 0.25 EUR',
      'Liquidation fees                                      217.90 USD',
      'Written off                                           −35.50 USD',
      '',
      '',
    ].join('\n'),
  );
  expect(text).not.toContain('Borrow fees');
  expect(summaryText(input, plain)).not.toContain('Charged beside fees');
});

test('keeps within the width asked for, from 40 to 120 characters', () => {
  for (const width of [40, 64, 80, 120]) {
    const lines = summaryText(input, { color: false, width }).split('\n');
    const figures = lines.filter((line) => /Sharpe|│|Ambiguous/.test(line));
    expect(Math.max(...figures.map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});

test('colours change no character', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what a colour begins with
  const bare = summaryText(input, { color: true, width: 80 }).replace(/\u001b\[[\d;]*m/g, '');
  expect(bare).toBe(summaryText(input, plain));
  expect(summaryText(input, plain)).not.toContain('\u001b');
});

test('shouts that bars are synthetic, and only then', () => {
  const synthetic = fakeInput({ bars: wanderingBars(120, 11), isSynthetic: true });
  expect(summaryText(synthetic, plain).match(/SYNTHETIC/g)).toHaveLength(2);
  expect(summaryText(input, plain)).not.toContain('SYNTHETIC');
});

test('prints ambiguous bars also where there are none', () => {
  expect(summaryText(withResult({ ambiguousBarCount: 0 }), plain)).toMatch(/Ambiguous bars +0\n/);
});

test('prints undefined figures as a dash and huge ones in powers of ten', () => {
  const metrics = Object.fromEntries(Object.keys(input.result.metrics).map((name) => [name, Number.NaN]));
  const text = summaryText(withResult({ metrics: { ...metrics, equityQuoteFinal: 1e300, profitFactor: Number.POSITIVE_INFINITY } }), plain);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  expect(text).toMatch(/Sharpe ratio +–/);
  expect(text).toMatch(/Equity at the end +1\.000e300/);
  expect(text).toMatch(/Profit factor +∞/);
});

test('lists open positions, and says when bars were not checked or no bar was played', () => {
  const open = { instrumentIndex: 0, sizeBase: -2.5, averagePriceQuote: 100, markPriceQuote: 90, unrealisedPnlQuote: 25 };
  expect(summaryText(withResult({ openPositions: [open] }), plain)).toContain('TEST/USD  short 2.5 at 100.00, marked 90.00: +25.00 USD');
  expect(summaryText({ ...input, quality: null }, plain)).toContain('Data quality not checked');
  const none = { timeMs: new Float64Array(0), equityQuote: new Float64Array(0) };
  expect(summaryText(withResult({ equity: none, buyAndHold: new Float64Array(0) }), plain)).toContain(
    'No equity: the window holds no bar.',
  );
});

test('lets no name of a strategy steer the terminal', () => {
  const text = summaryText(withResult({ strategyName: 'evil\u001b[2J\u202e\nname', warnings: ['one\u0007two'] }), plain);
  expect(text).toContain('evil [2J name');
  expect(text).toContain('! one two');
});

test('says what a finding is, and breaks the line between findings', () => {
  const issues = [
    { kind: 'irregularCalendar', policy: 'flag', count: 671 },
    { kind: 'offTick', policy: 'flag', count: 2 },
  ];
  const text = summaryText({ ...input, quality: { issues, gapCount: 0, missingBarCount: 0, rowCount: 9 } }, plain);
  expect(text).toContain('671 breaks like nights, weekends and holidays (flag)');
  expect(text).toContain('2 bars with a price off the tick grid (flag)');
});

test('names the days of the first and last bar in its head and under its picture', () => {
  const [, head] = summaryText(input, plain).split('\n');
  expect(head).toContain('2021-01-01 → 2021-04-30 UTC');
  expect(summaryText(input, plain)).toMatch(/\n +2021-01-01 +2021-04-30\n/);
});

test('the command that checks the run stands whole on one line', () => {
  for (const width of [40, 80, 120]) {
    const lines = summaryText({ ...input, runId: '20261122-223408-48084097' }, { color: false, width })
      .trimEnd()
      .split('\n');
    expect(lines.at(-1)).toMatch(/npx playhead verify 20261122-223408-48084097$/);
    if (width >= 80) expect(Math.max(...lines.slice(-2).map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});
