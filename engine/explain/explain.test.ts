import { describe, expect, test } from 'vitest';
import { type SemanticsRule, semanticsRules, semanticsWords } from '../semantics-words.ts';
import { playheadSemantics, type SemanticsProfile, semanticsProfiles } from '../settings.ts';
import { playScript, type ScriptInput } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';
import { attribute, type Explanation, ruleSwitches } from './index.ts';

/** Plays a script as "explain" does: once as it is, once behind each switch. */
function explained(input: ScriptInput, against: SemanticsProfile): Explanation {
  const switches = ruleSwitches(playheadSemantics, semanticsProfiles[against]);
  const runs = [playheadSemantics, ...switches.map((step) => step.semantics)].map((semantics) =>
    playScript({ ...input, settings: { ...input.settings, semantics } }),
  );
  return attribute(switches, runs);
}

const quiet: BarRow = [100, 101, 99.5, 100];
/** A round at bars 6 and 7 that no rule touches. */
const untouched: NonNullable<ScriptInput['at']> = {
  5: ({ order }) => order.market({ side: 1, sizeBase: 2 }),
  6: ({ order }) => order.close(),
};
const scriptOf = (rows: readonly BarRow[], first: NonNullable<ScriptInput['at']>): ScriptInput => ({
  rows: [...rows, ...Array<BarRow>(10 - rows.length).fill(quiet)],
  at: { ...untouched, ...first },
});

describe('the words of the rules', () => {
  test('there are some for every rule, in the order of the rules', () => {
    expect(['profile', ...semanticsRules]).toEqual(Object.keys(playheadSemantics));
  });

  test('and for every choice that a profile makes, no two alike', () => {
    const all = semanticsRules.flatMap((rule) => Object.values(semanticsWords[rule]));
    expect(new Set(all).size).toBe(all.length);
    for (const profile of Object.values(semanticsProfiles))
      for (const rule of semanticsRules) expect(Object.keys(semanticsWords[rule]), rule).toContain(profile[rule]);
  });
});

describe('the switches', () => {
  test.each(Object.keys(semanticsProfiles) as SemanticsProfile[])('lead from every profile to %s, one rule each', (name) => {
    for (const ours of Object.values(semanticsProfiles)) {
      const theirs = semanticsProfiles[name];
      let before = ours;
      for (const { rule, from, to, fromText, toText, semantics } of ruleSwitches(ours, theirs)) {
        expect(semanticsRules.filter((one) => before[one] !== semantics[one])).toEqual([rule]);
        expect([before[rule], semantics[rule]]).toEqual([from, to]);
        expect([fromText, toText]).not.toContain(undefined);
        before = semantics;
      }
      expect(before).toEqual(semanticsRules.some((rule) => ours[rule] !== theirs[rule]) ? theirs : ours);
    }
  });

  test('their order is that of the rules, however a stored record is sorted', () => {
    const sorted = Object.fromEntries(Object.entries(playheadSemantics).sort()) as unknown as typeof playheadSemantics;
    expect(ruleSwitches(sorted, semanticsProfiles.vectorbt)).toEqual(
      ruleSwitches(playheadSemantics, semanticsProfiles.vectorbt).map((step) => ({ ...step, semantics: expect.anything() })),
    );
  });
});

describe('one rule changes one trade of two', () => {
  const cases: {
    rule: SemanticsRule;
    against: SemanticsProfile;
    change: string;
    script: ScriptInput;
    before: object;
    after: object;
  }[] = [
    {
      rule: 'limitFill',
      against: 'backtrader',
      change: 'entry',
      script: scriptOf([quiet, [100, 101, 99, 100], [100, 101, 98.5, 100]], {
        0: ({ order }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 99 }),
        3: ({ order }) => order.close(),
      }),
      before: { entryMs: 180_000, entryPriceQuote: 99, exitMs: 240_000 },
      after: { entryMs: 120_000, entryPriceQuote: 99, exitMs: 240_000 },
    },
    {
      rule: 'gapFill',
      against: 'grademark',
      change: 'exit',
      script: scriptOf([quiet, quiet, [90, 92, 89, 91]], {
        0: ({ order }) => order.market({ side: 1, sizeBase: 1, stopLoss: 95 }),
      }),
      before: { exitPriceQuote: 90, exitRole: 'stopLoss' },
      after: { exitPriceQuote: 95, exitRole: 'stopLoss' },
    },
    {
      rule: 'protectsFrom',
      against: 'backtrader',
      change: 'exit',
      script: scriptOf([quiet, [100, 101, 94, 100], [100, 101, 94, 96]], {
        0: ({ order }) => order.market({ side: 1, sizeBase: 1, stopLoss: 95 }),
      }),
      before: { exitMs: 120_000, exitPriceQuote: 95 },
      after: { exitMs: 180_000, exitPriceQuote: 95 },
    },
    {
      rule: 'endOfRun',
      against: 'grademark',
      change: 'exit',
      script: scriptOf([], { 8: ({ order }) => order.market({ side: 1, sizeBase: 1 }) }),
      before: { sizeBase: 1, exitRole: 'open', exitMs: Number.NaN },
      after: { sizeBase: 1, exitRole: 'endOfRun', exitMs: 600_000 },
    },
    {
      rule: 'trailFollows',
      against: 'backtrader',
      change: 'exit',
      script: scriptOf([quiet, quiet, [100, 110, 99, 108], [108, 108.5, 100, 103]], {
        0: ({ order }) => order.market({ side: 1, sizeBase: 1, trail: { distance: 5 } }),
      }),
      before: { exitRole: 'trail', exitPriceQuote: 105, exitMs: 180_000 },
      after: { exitRole: 'trail', exitPriceQuote: 103, exitMs: 240_000 },
    },
    {
      rule: 'lastBarEntry',
      against: 'freqtrade',
      change: 'disappears',
      script: scriptOf([], { 8: ({ order }) => order.market({ side: 1, sizeBase: 1, tag: 'late' }) }),
      before: { sizeBase: 1, exitRole: 'open' },
      after: {},
    },
  ];

  test.each(cases)('$rule, against $against ($change)', ({ rule, against, change, script, before, after }) => {
    const { rules, trades, restoredCount, tradeCount } = explained(script, against);
    expect(tradeCount).toBe(2);
    expect(trades.map((trade) => [trade.rule, trade.changes])).toEqual([[rule, [{ rule, change }]]]);
    expect(trades[0]).toMatchObject({ symbol: 'BTC/USDT', before });
    expect(trades[0].after ?? {}).toMatchObject(after);
    const counts = rules.filter((one) => one.changedCount > 0).map((one) => [one.rule, one.changedCount, one.firstChangedCount]);
    expect(counts).toEqual([[rule, 1, 1]]);
    expect(restoredCount).toBe(0);
    expect(rules.length).toBeGreaterThan(2);
  });
});

describe('rules that act on one another', () => {
  // The stop of a gap: at the open 90, at its own price 95; then by a spread that its fill no longer pays.
  const script = {
    ...scriptOf([quiet, quiet, [90, 92, 89, 91]], { 0: ({ order }) => order.market({ side: 1, sizeBase: 1, stopLoss: 95 }) }),
    settings: { costs: { slippageFraction: 0.01 } },
  } satisfies ScriptInput;

  test('a trade belongs to the rule that changed it first, and names each that changed it', () => {
    const ours = playheadSemantics;
    const theirs = { ...ours, slippageOn: 'entries', gapFill: 'ownPrice' } as const;
    const switches = ruleSwitches(ours, theirs);
    expect(switches.map((step) => step.rule)).toEqual(['slippageOn', 'gapFill']);
    const play = (semantics: typeof ours) => playScript({ ...script, settings: { ...script.settings, semantics } });
    const { trades, rules } = attribute(switches, [ours, ...switches.map((step) => step.semantics)].map(play));
    const [first] = trades;
    expect([first.rule, first.changes.map((one) => one.rule)]).toEqual(['slippageOn', ['slippageOn', 'gapFill']]);
    expect([first.before?.exitPriceQuote, first.after?.exitPriceQuote]).toEqual([89.1, 95]);
    // The other round is closed by an order, which pays no slippage under "entries" either.
    expect(rules.map((one) => [one.changedCount, one.firstChangedCount])).toEqual([
      [2, 2],
      [1, 0],
    ]);
  });

  test('a trade that one switch changes and a later one changes back is counted and not listed', () => {
    const switches = ruleSwitches(playheadSemantics, { ...playheadSemantics, slippageOn: 'entries', gapFill: 'ownPrice' });
    const own = playScript(script);
    const other = playScript({ ...script, settings: { ...script.settings, semantics: switches[0].semantics } });
    const { trades, restoredCount, rules } = attribute(switches, [own, other, own]);
    expect([trades, restoredCount, rules.map((one) => one.changedCount)]).toEqual([[], 2, [2, 2]]);
  });

  test('a trade stays the same trade where an order more is sent before it', () => {
    const late = scriptOf([], {});
    const more = scriptOf([], { 0: ({ order }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 50 }) });
    const switches = ruleSwitches(playheadSemantics, { ...playheadSemantics, limitFill: 'touch' });
    expect(attribute(switches, [playScript(late), playScript(more)]).trades).toEqual([]);
  });
});
