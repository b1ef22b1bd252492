import { describe, expect, test } from 'vitest';
import { type Branches, type Interval, type Refinement, rangesOf } from '../engine/interval/interval.ts';
import { intervalLines, intervalNotes, intervalRows, intervalTitles } from './interval-words.ts';
import { reportHtml } from './report-html.ts';
import { summaryText } from './summary-text.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { fakeInterval } from './testing/fake-interval.ts';

const plain = fakeInput({ bars: wanderingBars(60, 11), fast: 3, slow: 8 });
const interval = fakeInterval(plain.result);
const usd = { name: 'USD', decimals: 2 };
const withBranches = (branches: Partial<Branches>): Interval => ({
  ...interval,
  branches: { ...(interval.branches as Branches), ...branches },
});
const withRefinement = (refinement: Partial<Refinement>): Interval => ({
  ...interval,
  refinement: { ...(interval.refinement as Refinement), ...refinement },
});

describe('the rows', () => {
  test('are one a policy, the run’s own marked, then the lowest and highest of them and of all branches', () => {
    const rows = intervalRows(interval, usd);
    expect(rows.map(([name]) => name)).toEqual([
      ...['pessimistic (this run)', 'optimistic', 'path', 'refine', 'lowest of these', 'highest of these'],
      ...['lowest of all branches', 'highest of all branches'],
    ]);
    for (const row of rows) expect(row).toHaveLength(intervalTitles.length);
    expect(rows[3].slice(-2)).toEqual(['1 (2 decided)', 'abcdef012345']);
  });

  test('print a figure that is undefined as such', () => {
    const [first, ...rest] = interval.policies;
    const without = { ...interval, policies: [{ ...first, figures: { ...first.figures, sharpeRatio: null } }, ...rest] };
    expect(intervalRows(without, usd)[0][3]).toBe('–');
  });
});

describe('policies that agree', () => {
  const [first] = interval.policies;
  const policies = interval.policies.map((outcome) => ({ ...outcome, figures: first.figures }));
  const envelope = rangesOf([first.figures]);
  const agreeing: Interval = { ...interval, policies, envelope, branches: null };

  test('have no range: their rows stand alone, and the first note says so', () => {
    expect(intervalRows(agreeing, usd)).toHaveLength(policies.length);
    expect(intervalNotes(agreeing, usd)[0]).toMatch(/^All 4 policies give the same figures: /);
    const parted = { ...agreeing, branches: { ...(interval.branches as Branches), ranges: interval.envelope } };
    expect(intervalRows(parted, usd)).toHaveLength(policies.length + 4);
  });

  test('fill no chart and no open table of a report', async () => {
    const section = (html: string): string => /<section id="interval">(.*?)<\/section>/s.exec(html)?.[1] ?? '';
    const page = section(await reportHtml({ ...plain, interval: agreeing }));
    expect(page).not.toContain('<svg');
    expect(page.indexOf('<table')).toBeGreaterThan(page.indexOf('<details>'));
    expect(section(await reportHtml({ ...plain, interval }))).toContain('<svg');
  });
});

describe('the notes', () => {
  test('say what the envelope is not', () => {
    expect(intervalNotes(interval, usd)[0]).toBe(
      'The envelope is the range of the policies named above, not a bound: what happened inside the bars may lie outside it.',
    );
  });

  test.each<[string, Interval, RegExp]>([
    ['exact', interval, /make 8 branches, 6 of them different: the range of all branches is exact\.$/],
    ['one leaf', withBranches({ leafCount: 1, outcomeCount: 1 }), /^No bar is in doubt: there is one branch, the run itself\.$/],
    ['stopped', withBranches({ leafCount: 4_096, isWhole: false }), /^Branching stopped at 4,096 branches, .* of those alone\.$/],
    ['assumed', withBranches({ assumedBarCount: 2 }), /exact\. Up to 2 bars of a branch stayed assumed\.$/],
    ['left out', { ...interval, branches: null }, /^Branching was left out: 3 bars are ambiguous, and at most 12 are branched over\.$/],
  ])('tell of branches: %s', (_, given, words) => {
    expect(intervalNotes(given, usd)[1]).toMatch(words);
  });

  test.each<[string, Interval, RegExp]>([
    [
      'less',
      interval,
      /^Refined with bars of 1m, 1 of 3 ambiguous bars remains \(1 without finer bars that fit\); .* 1,000\.00 before and 50\.00 after, 95\.00% less\.$/,
    ],
    [
      'more',
      withRefinement({ before: interval.refinement?.after as Refinement['after'], after: interval.envelope }),
      /, 1,900\.00% more\.$/,
    ],
    [
      'no range before',
      withRefinement({ before: rangesOf([interval.policies[0].figures]), ambiguousBarCount: 2 }),
      /2 of 3 ambiguous bars remain .* 0\.00 before and 50\.00 after\.$/,
    ],
    ['nothing', { ...interval, refinement: null }, /^Nothing was refined: no finer bars of every instrument are stored\.$/],
  ])('tell of refining: %s', (_, given, words) => {
    expect(intervalNotes(given, usd)[2]).toMatch(words);
  });
});

test('the summary has two lines of it, the report a section; both have none where it was not asked for', async () => {
  const [first, second] = intervalLines(interval, usd);
  const input = { ...plain, interval };
  const options = { color: false, width: 120 };
  expect(summaryText(input, options)).toContain(`\nInterval     ${first}\n             ${second}\n`);
  expect(summaryText(plain, options)).not.toContain('Interval');
  const html = await reportHtml(input);
  expect(html).toContain('<a href="#interval">Interval</a>');
  expect(html).toMatch(/<section id="interval">.*<figure id="interval-chart"><svg.*lowest of all branches.*not a bound/s);
  expect(await reportHtml(plain)).not.toContain('id="interval"');
});
