/** Owns "playhead robustness". Never plays a run. */
import type { Command } from 'commander';
import { ConfigError } from '../../engine/errors.ts';
import type { Robustness } from '../search/robustness-scenario.ts';
import { type GlobalOptions, globalsOf, interruptible, printJson, printText, secondsOf, table } from '../terminal.ts';
import { jobsOf, wholeOf } from './search-options.ts';

interface RobustnessCommandOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly jobs: string | undefined;
  readonly trial: string | undefined;
  readonly replicates: string;
  readonly paths: string;
  readonly orders: string;
  readonly ruin: string;
  readonly seed: string;
  readonly trialTimeLimit: string;
}

export function registerRobustness(program: Command): void {
  program
    .command('robustness')
    .description('play a chosen parameter set again under dearer costs, delays, skipped entries, noise and other paths of prices')
    .argument('[subject]', 'a sweep ("last", its id or the start of it), or a scenario file', 'last')
    .option('--trial <n>', 'number of a trial of the sweep (default: its best)')
    .option(
      '--set <path=value>',
      'replace one value of the scenario, behind those of the sweep; may be given again',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--replicates <n>', 'runs of each shock that is drawn by chance', '100')
    .option('--paths <n>', 'other paths of prices; 0 for none', '200')
    .option('--orders <n>', 'other orders and draws of the trades', '10000')
    .option('--ruin <fraction>', 'share of the capital whose loss at any time is called ruin', '0.5')
    .option('--seed <n>', 'seed of all that is drawn', '1')
    .option('--jobs <n>', 'threads (default: one for each core); no result depends on it')
    .option('--trial-time-limit <seconds>', 'a run that takes longer ends the command', '600')
    .action(async (subject: string, _options: unknown, command: Command) =>
      robustnessCommand(subject, globalsOf(command) as RobustnessCommandOptions),
    );
}

async function robustnessCommand(subject: string, options: RobustnessCommandOptions): Promise<void> {
  const jobs = await jobsOf(options.jobs);
  const counts = {
    replicateCount: wholeOf(options.replicates, '--replicates', 100_000),
    pathCount: wholeOf(options.paths, '--paths', 1_000_000, 0),
    orderCount: wholeOf(options.orders, '--orders', 1_000_000),
    seed: wholeOf(options.seed, '--seed', 4_294_967_295),
  };
  const ruinFraction = fractionOf(options.ruin, '--ruin');
  const { robustnessOf, documentOf } = await import('../search/robustness-scenario.ts');
  const { startProgress } = await import('../progress.ts');
  const progress = await startProgress(options, 'plays');
  let found: Robustness | undefined;
  try {
    found = await interruptible((signal) =>
      robustnessOf(subject, {
        ...{ home: options.home, set: options.set, jobs, signal, ...counts },
        trial: options.trial === undefined ? undefined : wholeOf(options.trial, '--trial', 10_000_000, 0),
        trialTimeLimitMs: secondsOf(options.trialTimeLimit, '--trial-time-limit') * 1000,
        onProgress: progress.update,
      }),
    );
  } finally {
    progress.stop();
  }
  if (found === undefined) return;
  if (options.json) printJson(documentOf(found));
  else await printRobustness(found, ruinFraction);
}

async function printRobustness({ name, sweep, parameters, report, ...fates }: Robustness, ruinFraction: number): Promise<void> {
  const { fateNotes, fateRows, robustnessRows, robustnessVerdict } = await import('../../reports/index.ts');
  const set = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${String(value)}`);
  const rows = fateRows(fates);
  printText(
    [
      `${name} · ${sweep === null ? 'as the scenario has it' : `sweep ${sweep.id} · trial ${sweep.index}`}: ${set.join(' ')}`,
      '',
      robustnessVerdict(report),
      ...report.reasons.map((reason) => `  ${reason}`),
      '',
      table(robustnessRows(report), [1, 2, 3, 4, 5, 6, 7, 8]),
      '',
      ...(rows.length === 0 ? [] : [table(rows, rows[0].map((_, i) => i).slice(1)), '']),
      ...fateNotes(fates, { base: report.base, ruinFraction }),
      '',
      `Limits: ${report.limits.join(';\n')}.`,
    ].join('\n'),
  );
}

function fractionOf(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new ConfigError('USAGE', `${option}: was "${text}", expected a fraction above 0 and at most 1`, { option });
}
