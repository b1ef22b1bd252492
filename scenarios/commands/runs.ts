/** Owns "playhead runs": stored runs listed, shown, removed. Never changes one. */
import type { Command } from 'commander';
import { counted } from '../../data/count-text.ts';
import type { RunSummary, StoredRun } from '../../data/stores/run-store.ts';
import type { RunDetails } from '../run-scenario.ts';
import { fitted, type GlobalOptions, globalsOf, printJson, printText, table } from '../terminal.ts';
import type { ExportOptions } from './export-run.ts';

const runArgument = 'id, start of an id, start of a run hash, or "last"';

export function registerRuns(program: Command): void {
  const runs = program.command('runs').description('stored runs: list, show, export, remove, prune');
  runs
    .command('list')
    .description('list the stored runs, newest first')
    .option('-n, --limit <count>', 'at most so many', '50')
    .action(async (_options: unknown, command: Command) => listCommand(globalsOf(command) as ListOptions));
  runs
    .command('show')
    .description('show what a stored run was made from and what came out')
    .argument('<run>', runArgument)
    .action(async (run: string, _options: unknown, command: Command) => showCommand(run, globalsOf(command)));
  runs
    .command('export')
    .description('write orders, fills, trades, equity and events of a stored run as files')
    .argument('<run>', runArgument)
    .option('-o, --output <folder>', 'folder to write to (default: ./<run id>)')
    .option('--format <format>', 'csv or json', 'csv')
    .option('--yes', 'do not ask before files of another export are replaced')
    .action(async (run: string, _options: unknown, command: Command) => {
      const { exportRun } = await import('./export-run.ts');
      return exportRun(run, globalsOf(command) as ExportOptions);
    });
  runs
    .command('remove')
    .description('remove a stored run and its report')
    .argument('<run>', runArgument)
    .option('--yes', 'do not ask')
    .action(async (run: string, _options: unknown, command: Command) => removeCommand(run, globalsOf(command) as RemoveOptions));
  runs
    .command('prune')
    .description('remove all stored runs but the newest, and their reports')
    .requiredOption('--keep <count>', 'how many of the newest stay')
    .option('--yes', 'do not ask')
    .action(async (_options: unknown, command: Command) => pruneCommand(globalsOf(command) as PruneOptions));
}

interface PruneOptions extends RemoveOptions {
  readonly keep: string;
}

interface RemoveOptions extends GlobalOptions {
  readonly yes?: boolean;
}

interface ListOptions extends GlobalOptions {
  readonly limit: string;
}

async function listCommand(options: ListOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { checkedSummary, listRuns } = await import('../../data/stores/run-store.ts');
  const { percentSigned, fixed } = await import('../../reports/format.ts');
  const limit = await countOf(options.limit, '--limit');
  const home = resolve(options.home);
  const all = listRuns(home);
  const shown = all.slice(0, limit).map((summary) => checkedSummary(home, summary));
  if (options.json) return printJson(shown);
  if (shown.length === 0) return printText(`no runs in ${home}; play one with "npx playhead run"`);
  const rows = shown.map((run) =>
    run.problem !== ''
      ? [run.id, '', '', '', '', '', '', '']
      : [
          run.id,
          run.name,
          run.strategyName,
          parametersText(run.parameters) || '–',
          seriesText(run),
          percentSigned(run.metrics.returnFraction),
          fixed(run.metrics.sharpeRatio, 2),
          String(run.metrics.tradeCount),
        ],
  );
  const heading = ['run', 'scenario', 'strategy', 'parameters', 'series', 'return', 'sharpe', 'trades'];
  const [head, ...lines] = table(fitted([heading, ...rows], [3, 2, 4, 1], process.stdout.columns ?? 100), [5, 6, 7]).split('\n');
  printText([head, ...shown.map(({ problem }, i) => (problem === '' ? lines[i] : `${lines[i]}  CORRUPT: ${problem}`))].join('\n'));
  if (all.length > shown.length)
    printText(`… and ${all.length - shown.length} more; --limit shows them, "npx playhead runs prune --keep ${shown.length}" removes them`);
}

/** The venue last, since it is cut first. */
function seriesText({ series, isSynthetic }: RunSummary): string {
  const [venue, ...names] = series[0].split(' ');
  return [isSynthetic ? 'SYNTHETIC' : [], names, series.length > 1 ? `+${series.length - 1}` : [], venue].flat().join(' ');
}

function parametersText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

async function showCommand(run: string, options: GlobalOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { loadRun, runFolder } = await import('../../data/stores/run-store.ts');
  const { meantRun } = await import('../meant-run.ts');
  const home = resolve(options.home);
  const stored = loadRun<RunDetails>(home, meantRun(run, options));
  const { result, details } = stored;
  const counts = {
    orders: result.orders.length,
    fills: result.fills.length,
    trades: result.trades.length,
    equityRows: result.equity.timeMs.length,
  };
  const folder = runFolder(home, stored.id);
  if (!options.json) return printText(await runText(stored, home, folder));
  const { orders: _o, fills: _f, trades: _t, equity: _e, daily: _d, buyAndHold: _b, ...head } = result;
  printJson({
    id: stored.id,
    createdAt: new Date(stored.createdAtMs).toISOString(),
    name: stored.name,
    folder,
    counts,
    result: head,
    details,
  });
}

/** What the run was made from, its figures as a report writes them, and its hashes. */
async function runText(stored: StoredRun<RunDetails>, home: string, folder: string): Promise<string> {
  const { relative, resolve } = await import('node:path');
  const { count, momentUtc, timeUtc } = await import('../../reports/format.ts');
  const { chargeLines } = await import('../../reports/charge-lines.ts');
  const { ambiguousBarsText, metricGroups } = await import('../../reports/metric-view.ts');
  const { intervalLines } = await import('../../reports/interval-words.ts');
  const { accountCurrency } = await import('../../reports/currency.ts');
  const { result, details } = stored;
  const currency = accountCurrency(result);
  const { fromMs, toMs } = details.resolved.window;
  const records = { orders: result.orders, fills: result.fills, trades: result.trades, 'equity rows': result.equity.timeMs };
  const head = [
    ['run', stored.id],
    ['scenario', `${stored.name} (${relative('.', resolve(home, details.scenarioPath))})`],
    [
      'played',
      `${timeUtc(stored.createdAtMs)} UTC on playhead ${details.versions.playhead}, Node ${details.versions.node}, ${details.versions.cpu}`,
    ],
    ['strategy', `${result.strategyName} ${parametersText(result.parameters)}`.trimEnd()],
    ...result.series.map(({ key, rowCount, isSynthetic }) => [
      'series',
      `${key.venue} ${key.symbol} ${key.timeframe}, ${count(rowCount)} bars${isSynthetic ? ', SYNTHETIC' : ''}`,
    ]),
    ['window', `${momentUtc(fromMs)} to before ${momentUtc(toMs)} UTC`],
    [
      'counts',
      Object.entries(records)
        .map(([name, rows]) => `${count(rows.length)} ${name}`)
        .join(', '),
    ],
    ['ambiguous', `${ambiguousBarsText(result)} bars`],
    ...(details.interval === undefined ? [] : intervalLines(details.interval, currency)).map((line, i) => [
      i === 0 ? 'interval' : '',
      line,
    ]),
    ...result.warnings.map((warning) => ['warning', warning]),
    ['folder', folder],
  ];
  const charges = chargeLines(result);
  const groups = [
    ...metricGroups(result.metrics, currency),
    ...(charges.length === 0 ? [] : [{ title: 'Charged beside fees', lines: charges }]),
  ];
  const width = Math.max(...groups.flatMap(({ lines }) => lines.map((line) => line.text.length)));
  const figures = groups.flatMap(({ title, lines }) => [
    ['', ''],
    [title, ''],
    ...lines.map(({ label, text }) => [`  ${label}`, text.padStart(width)]),
  ]);
  const hashes = Object.entries(result.certificate).map(([name, value]) => [`  ${name}`, String(value)]);
  return table([...head, ...figures, ['', ''], ['Certificate', ''], ...hashes]);
}

async function removeCommand(run: string, options: RemoveOptions): Promise<void> {
  const { removeRun } = await import('../../data/stores/run-store.ts');
  const { meantRun } = await import('../meant-run.ts');
  const { confirmed } = await import('../confirm.ts');
  const id = meantRun(run, options);
  await confirmed(`remove run ${id}?`, 'nothing was removed', options);
  removeRun(options.home, id);
  if (options.json) printJson({ removed: id });
  else printText(`removed run ${id}`);
}

async function pruneCommand(options: PruneOptions): Promise<void> {
  const { listRuns, removeRun } = await import('../../data/stores/run-store.ts');
  const { confirmed } = await import('../confirm.ts');
  const keepCount = await countOf(options.keep, '--keep');
  const ids = listRuns(options.home)
    .slice(keepCount)
    .map(({ id }) => id);
  if (ids.length > 0) {
    const runs = ids.length === 1 ? `run ${ids[0]}` : `${ids.length} runs, ${ids.at(-1)} to ${ids[0]}`;
    await confirmed(`remove ${runs}?`, 'nothing was removed', options);
  }
  for (const id of ids) removeRun(options.home, id);
  if (options.json) printJson({ removed: ids });
  else printText(`removed ${counted(ids.length, 'run')}`);
}

async function countOf(text: string, option: string): Promise<number> {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  const { ConfigError } = await import('../../engine/errors.ts');
  throw new ConfigError('USAGE', `${option}: was "${text}", expected a whole number above 0`, { option });
}
