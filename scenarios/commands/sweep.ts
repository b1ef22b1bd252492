/** Owns "playhead sweep". Never plays a trial. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { countText } from '../../data/count-text.ts';
import { ConfigError } from '../../engine/errors.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import type { Rung } from '../search/course.ts';
import type { FinishedSweep, SweepOptions as SearchedOptions } from '../search/sweep-scenario.ts';
import { type GlobalOptions, globalsOf, interruptible, note, printJson, printText, secondsOf, table } from '../terminal.ts';
import { jobsOf, wholeOf } from './search-options.ts';

interface SweepOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly jobs: string | undefined;
  readonly resume: string | undefined;
  readonly estimate: boolean | undefined;
  readonly top: string;
  readonly memory: string;
  readonly chunk: string | undefined;
  readonly trialTimeLimit: string;
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
}

/** More may take hours: their number is told before the first is played. */
const untoldCountMax = 100_000;

export function registerSweep(program: Command): void {
  program
    .command('sweep')
    .description("play a scenario's search: every parameter set a trial, all of them in the trial ledger")
    .argument('[scenario]', 'scenario file with a search block (default: scenario.yaml, or that of the sweep that is resumed)')
    .option(
      '--set <path=value>',
      'replace one value of the scenario; may be given again',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--jobs <n>', 'threads at most (default: one for each core)')
    .option('--resume <sweep>', 'go on with a sweep that was stopped: "last", its id or the start of it')
    .option('--estimate', 'predict time and memory from a small sample of the sets, and play nothing else')
    .option('--top <n>', 'trials to show', '10')
    .option('--memory <MB>', 'memory for bars and indicator columns that trials share', '256')
    .option(
      '--chunk <n>',
      'trials in one task at most, on all threads at once (default: a quarter of a second, on as many as are worth their start)',
    )
    .option('--trial-time-limit <seconds>', 'a trial that takes longer has failed', '600')
    .option('--report <file>', 'where the HTML report is written (default: beside the stored sweep)')
    .option('--no-report', 'write no HTML report')
    .action(async (scenario: string | undefined, _options: unknown, command: Command) =>
      sweepCommand(scenario, globalsOf(command) as SweepOptions),
    );
}

async function sweepCommand(scenario: string | undefined, options: SweepOptions): Promise<void> {
  const jobs = await jobsOf(options.jobs);
  const top = wholeOf(options.top, '--top', 1_000_000);
  const megabytes = wholeOf(options.memory, '--memory', 1_000_000);
  if (typeof options.report === 'string') (await import('../output-path.ts')).outputFile(options.report, '--report');
  const searchOptions = {
    ...{ home: options.home, set: options.set, jobs },
    trialTimeLimitMs: secondsOf(options.trialTimeLimit, '--trial-time-limit') * 1000,
    memoryBytes: megabytes * 1024 * 1024,
    chunkMax: options.chunk === undefined ? undefined : wholeOf(options.chunk, '--chunk', 1_000_000),
  };
  if (options.estimate) {
    if (options.resume !== undefined) throw new ConfigError('USAGE', '--estimate: plays a sample of a new sweep; leave out --resume');
    await (await import('./estimate-sweep.ts')).printEstimate(scenario ?? 'scenario.yaml', options, searchOptions);
    return;
  }
  const { sweepScenario } = await import('../search/sweep-scenario.ts');
  const { resumeCommand } = await import('../search/resumed.ts');
  const { startProgress } = await import('../progress.ts');
  const progress = await startProgress(options, 'trials');
  const onBegun: SearchedOptions['onBegun'] = ({ totalCount, playedCount }) => {
    if (totalCount - playedCount > untoldCountMax)
      note(`${countText(totalCount - playedCount)} trials to play; --estimate in place of them tells how long they take`, options);
  };
  let finished: FinishedSweep | undefined;
  try {
    await interruptible(async (signal) => {
      finished = await sweepScenario(scenario, { ...searchOptions, resume: options.resume, onBegun, onProgress: progress.update, signal });
    });
  } finally {
    progress.stop();
    if (finished !== undefined && finished.sweepHash === '')
      note(
        `stopped after ${finished.playedCount} of ${finished.totalCount} trials; go on with "${resumeCommand('sweep', finished)}"`,
        options,
      );
  }
  if (finished === undefined) return;
  const report = await reportOf(finished, options);
  process.exitCode = await exitCodeOf(finished);
  if (options.json) printJson({ ...(await documentOf(finished, top)), ...(report === undefined ? {} : { report }) });
  else await printSweep(finished, top, report);
}

/** That of the failure where no trial was played: the table is empty, and whoever goes by the code alone is to know. */
async function exitCodeOf({ trials, shorter, dimensions }: FinishedSweep): Promise<number> {
  const all = [...shorter.flatMap((rung) => rung.trials), ...trials];
  if (all.length === 0 || all.some(({ failure }) => failure === null)) return 0;
  const { allFailed } = await import('../search/all-failed.ts');
  return allFailed(all, dimensions).exitCode;
}

async function reportOf(finished: FinishedSweep, options: SweepOptions): Promise<string | undefined> {
  if (options.report === false) return undefined;
  const { home, id } = finished;
  const { sweepFolder } = await import('../../data/stores/sweep-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const html = async (): Promise<string> => {
    const { sweepReportHtml } = await import('../../reports/index.ts');
    const { sweepReportInput } = await import('../search/sweep-report.ts');
    return sweepReportHtml(sweepReportInput(home, id, finished));
  };
  return writeReport({ asked: options.report, usual: join(sweepFolder(home, id), 'report.html'), html }, options);
}

async function printSweep(finished: FinishedSweep, top: number, report: string | undefined): Promise<void> {
  const { plateauLines, sweepNotes, sweepRows } = await import('../../reports/index.ts');
  const { objective, method } = finished.search;
  const rows = sweepRows(finished, top);
  const numbers = rows[0].map((_, i) => i);
  printText(
    [
      `${finished.name} · ${finished.strategyName} · ${method} over ${finished.dimensions.join(', ')} · best by ${objective}`,
      '',
      table(rows, numbers),
      '',
      ...(finished.plateau === null ? [] : plateauLines(finished.plateau, objective)),
      ...sweepNotes(finished),
      `sweep        ${finished.id}`,
      `sweep hash   ${finished.sweepHash}`,
      ...(report === undefined ? [] : [`report       ${report}`]),
    ].join('\n'),
  );
}

async function documentOf(finished: FinishedSweep, top: number): Promise<object> {
  const { rungNotes } = await import('../../reports/index.ts');
  const { id, name, strategyName, search, totalCount, sweepHash, ledger, order, trials, plateau, shorter, keepsConstraints, elapsedMs } =
    finished;
  const failedIn = (rung: Pick<Rung, 'trials'>): number => rung.trials.filter(({ failure }) => failure !== null).length;
  return {
    ...{ id, name, strategy: strategyName, search, trialCount: totalCount, sweepHash, ledger, plateau, elapsedMs: Math.round(elapsedMs) },
    best: order.slice(0, top).map((place) => {
      const { index, parameters, trialHash, metrics, ambiguousBarCount, failure } = trials[place];
      const figures = failure === null ? metricsByName(metrics) : {};
      const judged = { metrics: figures, keepsConstraints: keepsConstraints[place] };
      return { index, parameters, trialHash, ...judged, ambiguousBars: ambiguousBarCount, failure };
    }),
    failedCount: [...shorter, { trials }].reduce((sum, rung) => sum + failedIn(rung), 0),
    notes: rungNotes(finished),
    shorterRungs: shorter.map((rung) => ({ ...rung.window, trialCount: rung.trials.length, failedCount: failedIn(rung) })),
  };
}
