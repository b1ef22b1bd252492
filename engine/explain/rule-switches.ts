/** Owns the way from one set of rules to another, one rule at a time. Never plays. */
import { type SemanticsRule, semanticsRules, semanticsWords } from '../semantics-words.ts';
import type { Semantics } from '../settings.ts';

/** One step: the rule that changes, and all rules as they stand behind it. */
export interface RuleSwitch {
  readonly rule: SemanticsRule;
  readonly from: string;
  readonly to: string;
  readonly fromText: string;
  readonly toText: string;
  readonly semantics: Semantics;
}

/** A step for each rule in which the two differ, in the order of semanticsRules; behind the last stands theirs. */
export function ruleSwitches(ours: Semantics, theirs: Semantics): RuleSwitch[] {
  const differing = semanticsRules.filter((rule) => ours[rule] !== theirs[rule]);
  let semantics = ours;
  return differing.map((rule, i) => {
    semantics = i === differing.length - 1 ? theirs : { ...semantics, [rule]: theirs[rule] };
    const words: Readonly<Record<string, string>> = semanticsWords[rule];
    const [from, to] = [ours[rule], theirs[rule]];
    return { rule, from, to, fromText: words[from], toText: words[to], semantics };
  });
}
