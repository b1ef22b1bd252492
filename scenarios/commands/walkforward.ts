/** Owns "playhead walkforward". Never plays a fold. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { StrategyError } from '../../engine/errors.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import type { FinishedWalkForward, KeptWork } from '../search/walkforward-scenario.ts';
import { type GlobalOptions, globalsOf, interruptible, note, printJson, printText, secondsOf, table } from '../terminal.ts';
import { jobsOf, wholeOf } from './search-options.ts';

interface WalkForwardOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly jobs: string | undefined;
  readonly resume: string | undefined;
  readonly memory: string;
  readonly trialTimeLimit: string;
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
}

export function registerWalkForward(program: Command): void {
  program
    .command('walkforward')
    .description('choose parameters on the past and trade them on what came after, again and again: the tests as one account')
    .argument(
      '[scenario]',
      'scenario file with a search and a walkforward block (default: scenario.yaml, or that of the walk-forward that is resumed)',
    )
    .option(
      '--set <path=value>',
      'replace one value of the scenario; may be given again',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--jobs <n>', 'threads at most (default: one for each core)')
    .option('--resume <walk-forward>', 'go on with one that was stopped: "last", its id or the start of it')
    .option('--memory <MB>', 'memory for bars and indicator columns that trials share', '256')
    .option('--trial-time-limit <seconds>', 'a trial that takes longer has failed', '600')
    .option('--report <file>', 'where the HTML report is written (default: beside the stored walk-forward)')
    .option('--no-report', 'write no HTML report')
    .action(async (scenario: string | undefined, _options: unknown, command: Command) =>
      walkForwardCommand(scenario, globalsOf(command) as WalkForwardOptions),
    );
}

async function walkForwardCommand(scenario: string | undefined, options: WalkForwardOptions): Promise<void> {
  const jobs = await jobsOf(options.jobs);
  const memoryBytes = wholeOf(options.memory, '--memory', 1_000_000) * 1024 * 1024;
  const trialTimeLimitMs = secondsOf(options.trialTimeLimit, '--trial-time-limit') * 1000;
  if (typeof options.report === 'string') (await import('../output-path.ts')).outputFile(options.report, '--report');
  const { walkForwardScenario } = await import('../search/walkforward-scenario.ts');
  const { resumeCommand } = await import('../search/resumed.ts');
  const { startProgress } = await import('../progress.ts');
  const progress = await startProgress(options, 'trials');
  let kept: KeptWork | undefined;
  let finished: Awaited<ReturnType<typeof walkForwardScenario>> | undefined;
  let canGoOn = true;
  try {
    finished = await interruptible((signal) =>
      walkForwardScenario(scenario, {
        ...{ home: options.home, set: options.set, jobs, resume: options.resume, trialTimeLimitMs, memoryBytes, signal },
        onProgress: progress.update,
        onKept: (told) => {
          kept = told;
        },
      }),
    );
  } catch (error) {
    // Once the strategy is mended it is another.
    canGoOn = !(error instanceof StrategyError);
    throw error;
  } finally {
    progress.stop();
    if (finished === undefined && kept !== undefined && canGoOn)
      note(
        `stopped after ${kept.endedCount} of ${kept.totalCount} ${kept.unit}; go on with "${resumeCommand('walkforward', { home: options.home, id: kept.id })}"`,
        options,
      );
  }
  const report = await reportOf(finished, options);
  const place = report === undefined ? {} : { report };
  if ('paths' in finished) {
    const { combinatorialDocument, printCombinatorial } = await import('./walkforward-combinatorial.ts');
    if (options.json) printJson({ ...combinatorialDocument(finished), ...place });
    else await printCombinatorial(finished, report);
    return;
  }
  if (options.json) printJson({ ...(await documentOf(finished)), ...place });
  else await printWalkForward(finished, report);
}

async function reportOf(
  { home, id }: { readonly home: string; readonly id: string },
  options: WalkForwardOptions,
): Promise<string | undefined> {
  if (options.report === false) return undefined;
  const { walkForwardFolder } = await import('../../data/stores/walkforward-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const html = async (): Promise<string> => {
    const { storedWalkForwardHtml } = await import('../search/walkforward-report.ts');
    return storedWalkForwardHtml(home, id);
  };
  return writeReport({ asked: options.report, usual: join(walkForwardFolder(home, id), 'report.html'), html }, options);
}

async function printWalkForward(finished: FinishedWalkForward, report: string | undefined): Promise<void> {
  const { walkForwardNotes, walkForwardRows } = await import('../../reports/index.ts');
  const rows = walkForwardRows(finished);
  const { scheme } = finished.settings;
  printText(
    [
      `${finished.name} · ${finished.strategyName} · ${scheme}, best by ${finished.search.objective}`,
      '',
      table(
        rows,
        rows[0].map((_, i) => i),
      ),
      '',
      ...walkForwardNotes(finished),
      `walk-forward ${finished.id}`,
      `hash         ${finished.walkForwardHash}`,
      ...(report === undefined ? [] : [`report       ${report}`]),
    ].join('\n'),
  );
}

async function documentOf(finished: FinishedWalkForward): Promise<object> {
  const { driftOf } = await import('../../engine/optimiser/drift.ts');
  const { id, name, strategyName, dimensions, search, settings, folds, stitched, sharpeInterval, efficiency, walkForwardHash, elapsedMs } =
    finished;
  return {
    ...{ id, name, strategy: strategyName, search, walkforward: settings, walkForwardHash, elapsedMs: Math.round(elapsedMs) },
    folds: folds.map(({ train, test, parameters, trainMetrics, keepsConstraints, trialCount, failedCount, run }) => ({
      ...{ train, test, parameters, keepsConstraints, trialCount, failedCount },
      trainMetrics: metricsByName(trainMetrics),
      testMetrics: run.metrics,
      runHash: run.runHash,
      ...{ tookOverMs: run.tookOverMs, leftOpen: run.leftOpenQuote },
      initialCapital: run.initialCapitalQuote,
    })),
    metrics: stitched.metrics,
    ...{
      tStatistic: stitched.tStatistic,
      sharpeInterval,
      efficiency,
      drift: driftOf(
        folds.map(({ parameters }) => parameters),
        dimensions,
      ),
    },
    equity: { timeMs: [...stitched.equity.timeMs], equityQuote: [...stitched.equity.equityQuote] },
    trades: stitched.trades,
  };
}
