/** Owns "playhead explain". Never decides what differs (engine/explain). */
import type { Command } from 'commander';
import { counted } from '../../data/count-text.ts';
import type { ComparedTrade, ExplainedTrade } from '../../engine/explain/index.ts';
import { type SemanticsProfile, semanticsProfiles } from '../../engine/settings.ts';
import type { ScenarioExplanation } from '../explain-scenario.ts';
import { type GlobalOptions, globalsOf, interruptible, printJson, printText, secondsOf, table } from '../terminal.ts';

interface ExplainCommandOptions extends GlobalOptions {
  readonly against: SemanticsProfile;
  readonly set: readonly string[];
  readonly timeLimit: string;
  readonly without: readonly string[];
  readonly all?: boolean;
}

/** More trades than these are counted, unless all are asked for. */
const shownCount = 20;

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('say, rule by rule and trade by trade, why another engine gives another result')
    .argument('[scenario|run]', 'scenario file, or id of a stored run, its start, or "last"', 'scenario.yaml')
    .requiredOption('--against <profile>', `whose rules: ${Object.keys(semanticsProfiles).join(', ')}`)
    .option(
      '--set <path=value>',
      'replace one value of the scenario; may be given again',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--without <rule>', 'leave this rule as it is; may be given again', (value: string, all: string[]) => [...all, value], [])
    .option('--all', `every trade that differs (default: the first ${shownCount})`)
    .option('--time-limit <seconds>', 'end a strategy that does not come back, in each run', '600')
    .action(async (source: string, _options: unknown, command: Command) =>
      explainCommand(source, globalsOf(command) as ExplainCommandOptions),
    );
}

async function explainCommand(source: string, options: ExplainCommandOptions): Promise<void> {
  const timeLimitMs = secondsOf(options.timeLimit, '--time-limit') * 1000;
  const { explainScenario } = await import('../explain-scenario.ts');
  const { startPhases } = await import('../progress.ts');
  const phases = await startPhases(options);
  const { home, set, against, without } = options;
  const onProgress = (played: number, total: number): void => {
    if (total > 0) phases.show('explain', played / total);
  };
  const explanation = await interruptible((signal) =>
    explainScenario(source, { home, set, against, without, timeLimitMs, onProgress, signal }),
  ).finally(() => phases.stop());
  if (options.json) printJson(explanation);
  else printText(await textOf(explanation, options.all === true));
}

async function textOf(explanation: ScenarioExplanation, showsAll: boolean): Promise<string> {
  const { money, signed } = await import('../../reports/format.ts');
  const { currencyOf } = await import('../../reports/currency.ts');
  const { name, own, against, without, quoteCurrency, rules, trades, restoredCount } = explanation;
  const currency = currencyOf(quoteCurrency);
  const leftOut = without.length === 0 ? '' : ` without ${without.join(', ')}`;
  const heading = `${name}: the rules of ${own} against those of ${against}${leftOut}`;
  if (rules.length === 0) return `${heading}\nthere is no difference: every rule is the same`;
  const rows = rules.map((rule) => [
    rule.rule,
    `${rule.from} → ${rule.to}`,
    money(rule.equityQuoteFinal, currency),
    signed(rule.equityQuoteFinal - before(explanation, rule), currency.decimals),
    String(rule.changedCount),
    String(rule.firstChangedCount),
  ]);
  const head = ['rule', 'switched', `equity in ${quoteCurrency}`, 'difference', 'trades', 'first'];
  const parts = [
    `${heading}, one at a time, in this order`,
    table([head, [own, '', money(explanation.equityQuoteFinal, currency), '', '', ''], ...rows], [2, 3, 4, 5]),
    rules.map(({ rule, fromText, toText }) => `${rule}: ${fromText} → ${toText}`).join('\n'),
    `trades: ${counted(explanation.tradeCount, 'trade')} before, ${explanation.tradeCountAfter} after, ${trades.length} differ${restoredCount === 0 ? '' : `; ${restoredCount} changed on the way and came out the same`}`,
  ];
  const emptied = emptiedText(explanation);
  if (emptied !== '') parts.push(emptied);
  if (trades.length > 0) parts.push(await tradesText(showsAll ? trades : trades.slice(0, shownCount)));
  if (!showsAll && trades.length > shownCount) parts.push(`… and ${trades.length - shownCount} more: --all`);
  parts.push(
    '"trades" were changed by a switch, "first" by none before it. Attributed in this order: where rules act on each other, or a changed\ntrade changes what can be bought after it, another order gives other shares.',
  );
  return parts.join('\n\n');
}

/** A switch that leaves no trade hides what all later ones do: '' where none does. */
function emptiedText({ tradeCount, rules, without }: ScenarioExplanation): string {
  const i = rules.findIndex((rule) => rule.tradeCount === 0);
  if (i < 0 || i === rules.length - 1 || tradeCount === 0) return '';
  const { rule, toText } = rules[i];
  const options = [...without, rule].map((name) => `--without ${name}`).join(' ');
  return `No trade is left behind ${rule} (${toText}), so that no later switch has one to change;\n"${options}" leaves that rule as it is and explains the others.`;
}

/** Equity before a switch. */
function before({ equityQuoteFinal, rules }: ScenarioExplanation, rule: ScenarioExplanation['rules'][number]): number {
  const i = rules.indexOf(rule);
  return i === 0 ? equityQuoteFinal : rules[i - 1].equityQuoteFinal;
}

/** Two lines a trade, before and after; the rules that changed it stand beside the first. */
async function tradesText(trades: readonly ExplainedTrade[]): Promise<string> {
  const { momentUtc, quantity } = await import('../../reports/format.ts');
  const cells = (trade: ComparedTrade | null): string[] => {
    if (trade === null) return ['–', '–', '', '', '', ''];
    const { side, sizeBase, entryMs, entryPriceQuote, exitMs, exitPriceQuote, exitRole } = trade;
    const isOpen = exitRole === 'open';
    const exit = isOpen ? ['open', '', ''] : [momentUtc(exitMs), quantity(exitPriceQuote), exitRole];
    return [quantity(side * sizeBase), momentUtc(entryMs), quantity(entryPriceQuote), ...exit];
  };
  const rows = trades.flatMap(({ symbol, before, after, changes }) => [
    [symbol, ...cells(before), changes.map(({ rule, change }) => `${rule} (${change})`).join(', ')],
    ['→', ...cells(after), ''],
  ]);
  return table([['trade', 'size', 'entry', 'at', 'exit', 'at', 'by', 'changed by'], ...rows], [1, 3, 5]);
}
