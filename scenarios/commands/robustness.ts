/** Owns "playhead robustness". Never plays a run. */
import { join } from 'node:path';
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
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
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
    .option('--report <file>', 'where the HTML report is written (default: robustness.html beside the stored sweep; of a scenario none)')
    .option('--no-report', 'write no HTML report')
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
  if (typeof options.report === 'string') (await import('../output-path.ts')).outputFile(options.report, '--report');
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
  const path = await reportOf(found, ruinFraction, options);
  if (options.json) printJson({ ...documentOf(found), ...(path === undefined ? {} : { reportPath: path }) });
  else await printRobustness(found, ruinFraction, path);
}

/** A scenario by itself has no place of its own for one. */
async function reportOf(found: Robustness, ruinFraction: number, options: RobustnessCommandOptions): Promise<string | undefined> {
  const { report: asked, home } = options;
  if (asked === false || (asked === undefined && found.sweep === null)) return undefined;
  const { sweepFolder } = await import('../../data/stores/sweep-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const { packageVersion } = await import('../package-info.ts');
  const { robustnessReportHtml } = await import('../../reports/index.ts');
  const usual = found.sweep === null ? '' : join(sweepFolder(home, found.sweep.id), 'robustness.html');
  return writeReport({ asked, usual, html: () => robustnessReportHtml({ ...found, ruinFraction, playhead: packageVersion() }) }, options);
}

async function printRobustness(
  { name, sweep, parameters, report, ...fates }: Robustness,
  ruinFraction: number,
  path: string | undefined,
): Promise<void> {
  const { fateNotes, fateRows, robustnessRows, robustnessVerdict, setText } = await import('../../reports/index.ts');
  const rows = fateRows(fates);
  printText(
    [
      `${name} · ${sweep === null ? 'as the scenario has it' : `sweep ${sweep.id} · trial ${sweep.index}`}: ${setText(parameters)}`,
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
      ...(path === undefined ? [] : [`report       ${path}`]),
    ].join('\n'),
  );
}

function fractionOf(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new ConfigError('USAGE', `${option}: was "${text}", expected a fraction above 0 and at most 1`, { option });
}
