/** Owns "playhead runs": stored runs listed, shown, exported. Never changes one. */
import type { Command } from 'commander';
import type { RunDetails } from '../run-scenario.ts';
import { type GlobalOptions, globalsOf, plainNumber, printJson, printText, table } from '../terminal.ts';

const runArgument = 'id, start of an id, start of a run hash, or "last"';

export function registerRuns(program: Command): void {
  const runs = program.command('runs').description('stored runs: list, show, export');
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
    .description('write orders, fills, trades and equity of a stored run as files')
    .argument('<run>', runArgument)
    .option('-o, --output <folder>', 'folder to write to (default: ./<run id>)')
    .option('--format <format>', 'csv or json', 'csv')
    .action(async (run: string, _options: unknown, command: Command) => exportCommand(run, globalsOf(command) as ExportOptions));
}

interface ListOptions extends GlobalOptions {
  readonly limit: string;
}

interface ExportOptions extends GlobalOptions {
  readonly output?: string;
  readonly format: string;
}

async function listCommand(options: ListOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { listRuns } = await import('../../data/stores/run-store.ts');
  const { percentSigned, fixed } = await import('../../reports/format.ts');
  const { ConfigError } = await import('../../engine/errors.ts');
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new ConfigError('USAGE', `--limit: was "${options.limit}", expected a whole number above 0`);
  const all = listRuns(resolve(options.home));
  const shown = all.slice(0, limit);
  if (options.json) return printJson(shown);
  if (shown.length === 0) return printText(`no runs in ${resolve(options.home)}; play one with "playhead run"`);
  const rows = shown.map((run) =>
    run.problem !== ''
      ? [run.id, `unreadable: ${run.problem}`, '', '', '', '', '']
      : [
          run.id,
          run.name,
          run.strategyName,
          `${run.series[0]}${run.series.length > 1 ? ` +${run.series.length - 1}` : ''}${run.isSynthetic ? ' SYNTHETIC' : ''}`,
          percentSigned(run.metrics.returnFraction),
          fixed(run.metrics.sharpeRatio, 2),
          String(run.metrics.tradeCount),
        ],
  );
  printText(table([['run', 'scenario', 'strategy', 'series', 'return', 'sharpe', 'trades'], ...rows], [4, 5, 6]));
  if (all.length > shown.length) printText(`… and ${all.length - shown.length} more; --limit shows them`);
}

async function showCommand(run: string, options: GlobalOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { findRun, loadRun, runFolder } = await import('../../data/stores/run-store.ts');
  const home = resolve(options.home);
  const stored = loadRun<RunDetails>(home, findRun(home, run));
  const { result, details } = stored;
  const counts = {
    orders: result.orders.length,
    fills: result.fills.length,
    trades: result.trades.length,
    equityRows: result.equity.timeMs.length,
  };
  if (options.json) {
    const { orders: _o, fills: _f, trades: _t, equity: _e, daily: _d, buyAndHold: _b, ...head } = result;
    return printJson({
      id: stored.id,
      createdAt: new Date(stored.createdAtMs).toISOString(),
      name: stored.name,
      folder: runFolder(home, stored.id),
      counts,
      result: head,
      details,
    });
  }
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name}=${value}`);
  const lines = [
    ['run', stored.id],
    ['scenario', `${stored.name} (${details.scenarioPath})`],
    [
      'played',
      `${new Date(stored.createdAtMs).toISOString()} on playhead ${details.versions.playhead}, Node ${details.versions.node}, ${details.versions.cpu}`,
    ],
    ['strategy', `${result.strategyName} ${parameters.join(' ')}`.trimEnd()],
    ...result.series.map(({ key, rowCount, isSynthetic }) => [
      'series',
      `${key.venue} ${key.symbol} ${key.timeframe}, ${rowCount} bars${isSynthetic ? ', SYNTHETIC' : ''}`,
    ]),
    ['window', `${new Date(details.resolved.window.fromMs).toISOString()} to ${new Date(details.resolved.window.toMs).toISOString()}`],
    [
      'counts',
      Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
    ],
    ...Object.entries(result.metrics).map(([name, value]) => [name, String(value)]),
    ...result.warnings.map((warning) => ['warning', warning]),
    ...Object.entries(result.certificate).map(([name, value]) => [name, String(value)]),
    ['folder', runFolder(home, stored.id)],
  ];
  printText(table(lines));
}

async function exportCommand(run: string, options: ExportOptions): Promise<void> {
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const { join, resolve } = await import('node:path');
  const { findRun, loadRun } = await import('../../data/stores/run-store.ts');
  const { ConfigError } = await import('../../engine/errors.ts');
  if (options.format !== 'csv' && options.format !== 'json')
    throw new ConfigError('USAGE', `--format: was "${options.format}", expected csv or json`);
  const home = resolve(options.home);
  const id = findRun(home, run);
  const { result } = loadRun<RunDetails>(home, id);
  const equity = Array.from(result.equity.timeMs, (timeMs, row) => ({
    timeMs,
    equityQuote: result.equity.equityQuote[row],
    buyAndHoldQuote: result.buyAndHold[row],
  }));
  const tables: Readonly<Record<string, readonly object[]>> = {
    orders: result.orders,
    fills: result.fills,
    trades: result.trades,
    equity,
    metrics: [result.metrics],
  };
  const folder = resolve(options.output ?? id);
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(tables).map(([name, rows]) => {
    const path = join(folder, `${name}.${options.format}`);
    writeFileSync(path, options.format === 'csv' ? csvOf(rows) : `${JSON.stringify(rows, plainNumber, 1)}\n`);
    return path;
  });
  if (options.json) printJson({ id, files });
  else printText(files.join('\n'));
}

/** One header line, then the rows; NaN is an empty field. */
export function csvOf(rows: readonly object[]): string {
  if (rows.length === 0) return '';
  const names = Object.keys(rows[0]);
  const field = (value: unknown): string => {
    if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
    const text = String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => names.map((name) => field((row as Readonly<Record<string, unknown>>)[name])).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}
