/** Owns "playhead check". Never decides what holds (engine/causality). */
import type { Command } from 'commander';
import { counted, countText } from '../../data/count-text.ts';
import type { CheckReport } from '../play-worker.ts';
import { errorDocument, type GlobalOptions, globalsOf, interruptible, printJson, printText, secondsOf, table } from '../terminal.ts';

interface CheckOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly samples: string;
  readonly seed: string;
  readonly timeLimit: string;
}

const descriptions = {
  lookahead: 'take the future away at sampled bars: nothing before them may change',
  warmup: 'start the tape later: from which bar on is every value the same',
  wake: 'call the strategy at every bar: its orders must be those of its wake conditions',
} as const;

export function registerCheck(program: Command): void {
  const check = program.command('check').description('look for knowledge of the future, unsettled values and missed wakes in a strategy');
  for (const [name, description] of Object.entries(descriptions)) {
    const command = check
      .command(name)
      .description(description)
      .argument('[scenario]', 'scenario file', 'scenario.yaml')
      .option(
        '--set <path=value>',
        'replace one value of the scenario; may be given again',
        (value: string, all: string[]) => [...all, value],
        [],
      )
      .option('--time-limit <seconds>', 'end a strategy that does not come back', '3600');
    if (name !== 'wake')
      command
        .option('--samples <count>', name === 'lookahead' ? 'bars to sample' : 'later starts to sample', '20')
        .option('--seed <seed>', 'draws the samples', '1');
    command.action(async (scenario: string, _options: unknown, self: Command) =>
      checkCommand(name as CheckReport['check'], scenario, globalsOf(self) as CheckOptions),
    );
  }
}

async function checkCommand(check: CheckReport['check'], scenario: string, options: CheckOptions): Promise<void> {
  const timeLimitMs = secondsOf(options.timeLimit, '--time-limit') * 1000;
  const sampleCount = await wholeOf(options.samples ?? '20', '--samples', 1, 100_000);
  const seed = await wholeOf(options.seed ?? '1', '--seed', 0, 0xffff_ffff);
  const { checkError, checkScenario } = await import('../check-scenario.ts');
  const { startPhases } = await import('../progress.ts');
  const phases = await startPhases(options);
  const onProgress = (played: number, total: number): void => {
    if (total > 0) phases.show(`check ${check}`, played / total);
  };
  const report = await interruptible((signal) =>
    checkScenario(scenario, { check, sampleCount, seed }, { home: options.home, set: options.set, timeLimitMs, onProgress, signal }),
  ).finally(() => phases.stop());
  const failure = checkError(report);
  if (options.json) {
    printJson({ ...report, ...(failure === undefined ? {} : { error: errorDocument(failure) }) });
    if (failure !== undefined) process.exitCode = failure.exitCode;
    return;
  }
  printText(textOf(report));
  if (failure !== undefined) throw failure;
}

async function wholeOf(text: string, option: string, min: number, max: number): Promise<number> {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  const { ConfigError } = await import('../../engine/errors.ts');
  throw new ConfigError('USAGE', `${option}: was "${text}", expected a whole number from ${min} to ${max}`, { option });
}

/** The outcome for people; what went wrong is the error's to say. */
function textOf(report: CheckReport): string {
  const verdict = report.passed ? 'passed' : 'FAILED';
  if (report.check === 'lookahead')
    return `check lookahead  ${verdict}\nsampled ${counted(report.sampledBarCount, 'bar')} (seed ${report.seed}), each with its future cut off and changed: ${counted(report.columns.length, 'indicator column')}, ${counted(report.orderCount, 'order')}`;
  if (report.check === 'wake') {
    const calls = `onBar is called ${counted(report.unfilteredCallCount, 'time')} at every bar, ${counted(report.denseCallCount, 'time')} by the wake conditions`;
    return `check wake  ${verdict}\n${calls}: ${counted(report.orderCount, 'order')}`;
  }
  const rows = report.columns.map((column) => [
    column.what,
    String(column.leadingCount),
    barsText(column.closeBars),
    barsText(column.exactBars),
  ]);
  const columns = rows.length === 0 ? [] : [table([['column', 'first value', 'to 1e-9', 'exact'], ...rows], [1, 2, 3])];
  const orders = `orders: the same from ${report.orderBars === null ? 'no number of bars' : counted(report.orderBars, 'bar')} of history on, of ${countText(report.orderBarsAvailable)} (${counted(report.orderCount, 'order')})`;
  const heading = `check warmup  ${verdict}\n${counted(report.startCount, 'later start')} (seed ${report.seed}); bars after a start from which every value is that of the whole tape`;
  return [heading, ...columns, orders].join('\n');
}

function barsText(count: number | null): string {
  return count === null ? 'never' : countText(count);
}
