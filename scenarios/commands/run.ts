/** Owns "playhead run". Never computes a result. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../data/count-text.ts';
import type { GateError } from '../../engine/errors.ts';
import type { ReplayMode } from '../../engine/settings.ts';
import { namedHome } from '../home.ts';
import type { FinishedRun } from '../run-scenario.ts';
import {
  errorDocument,
  type GlobalOptions,
  globalsOf,
  hasColor,
  interruptible,
  printJson,
  printText,
  secondsOf,
  table,
  terminalWidth,
} from '../terminal.ts';

interface RunOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly replay?: ReplayMode;
  readonly checked?: boolean;
  readonly interval?: boolean;
  readonly timeLimit: string;
  /** A path with --report, false with --no-report, undefined with neither. */
  readonly report: string | false | undefined;
}

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('play a scenario: result, certificate, report')
    .argument('[scenario]', 'scenario file', 'scenario.yaml')
    .option(
      '--set <path=value>',
      'replace one value of the scenario; may be given again',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--replay <mode>', 'sparse (default), dense: every bar a step, or unfiltered: call the strategy at every bar')
    .option('--checked', 'check for knowledge of the future and missed wakes beside the run')
    .option('--interval', 'play under every policy for ambiguous bars: an envelope instead of a number')
    .option('--time-limit <seconds>', 'end a strategy that does not come back', '600')
    .option('--report <file>', 'where the HTML report is written (default: beside the stored run)')
    .option('--no-report', 'write no HTML report')
    .action(async (scenario: string, _options: unknown, command: Command) => runCommand(scenario, globalsOf(command) as RunOptions));
}

async function runCommand(scenario: string, options: RunOptions): Promise<void> {
  const { expectationError } = await import('../expectations.ts');
  const finished = await playScenario(scenario, options);
  const reportPath = await reportOf(finished, options);
  const failure = (await checkFailure(finished)) ?? expectationError(finished.details.expectations, options.set);
  if (options.json) {
    printJson({ ...documentOf(finished, reportPath), ...(failure === undefined ? {} : { error: errorDocument(failure) }) });
    if (failure !== undefined) process.exitCode = failure.exitCode;
    return;
  }
  await printSummary(finished, options, reportPath);
  if (failure !== undefined) throw failure;
}

/** The run is stored with what its checks found; one that does not hold is a failed gate. */
async function checkFailure({ details }: FinishedRun): Promise<GateError | undefined> {
  const failed = (details.checks ?? []).filter((check) => !check.passed);
  if (failed.length === 0) return undefined;
  const { GateError } = await import('../../engine/errors.ts');
  const code = failed[0].check === 'lookahead' ? 'LOOKAHEAD' : 'CHECK_FAILED';
  return new GateError(code, failed.map((check) => check.finding).join('\n'), { check: failed[0].check });
}

async function assertReplay(replay: string | undefined): Promise<void> {
  if (replay === undefined || replay === 'sparse' || replay === 'dense' || replay === 'unfiltered') return;
  const { ConfigError } = await import('../../engine/errors.ts');
  throw new ConfigError('USAGE', `--replay: was "${replay}", expected sparse, dense or unfiltered`, { option: '--replay' });
}

async function playScenario(scenario: string, options: RunOptions): Promise<FinishedRun> {
  const timeLimitMs = secondsOf(options.timeLimit, '--time-limit') * 1000;
  const { outputFile } = await import('../output-path.ts');
  const { report } = options;
  await assertReplay(options.replay);
  if (typeof report === 'string') outputFile(report, '--report');
  const { problemText } = await import('../problems.ts');
  const { runScenario } = await import('../run-scenario.ts');
  const { startProgress } = await import('../progress.ts');
  const progress = await startProgress(options, options.interval === true ? 'plays' : 'bars');
  try {
    return await interruptible((signal) =>
      runScenario(scenario, {
        home: options.home,
        set: options.set,
        replay: options.replay,
        checked: options.checked,
        interval: options.interval,
        timeLimitMs,
        onProgress: progress.update,
        onRead: ({ scenario: { output }, problemOf }) => {
          if (report === undefined && output.report !== undefined)
            outputFile(output.report, problemText({ ...problemOf(['output', 'report']), text: '' }).replace(/: $/, ''));
        },
        signal,
      }),
    );
  } finally {
    progress.stop();
  }
}

async function reportOf(finished: FinishedRun, options: RunOptions): Promise<string | undefined> {
  if (options.report === false) return undefined;
  const { runFolder } = await import('../../data/stores/run-store.ts');
  const { writeReport } = await import('./write-report.ts');
  const html = async (): Promise<string> => {
    const { reportHtml } = await import('../../reports/index.ts');
    const { reportInputOf } = await import('../run-scenario.ts');
    return reportHtml(reportInputOf(finished));
  };
  const asked = typeof options.report === 'string' ? options.report : finished.details.resolved.output.report;
  return writeReport({ asked, usual: join(runFolder(finished.home, finished.id), 'report.html'), html }, options);
}

async function printSummary(finished: FinishedRun, options: RunOptions, reportPath: string | undefined): Promise<void> {
  const { accountCurrency, intervalNotes, intervalRows, intervalTitles, summaryText } = await import('../../reports/index.ts');
  const { reportInputOf } = await import('../run-scenario.ts');
  const lines = [
    summaryText(reportInputOf(finished), { color: hasColor(options), width: terminalWidth(), home: namedHome(options.home) }).trimEnd(),
  ];
  const { interval } = finished.details;
  if (interval !== undefined) {
    const currency = accountCurrency(finished.result);
    const rows = [[...intervalTitles], ...intervalRows(interval, currency)];
    lines.push('', table(rows, [1, 2, 3, 4, 5, 6]), ...intervalNotes(interval, currency), '');
  }
  if (reportPath !== undefined) lines.push(`report       ${reportPath}`);
  const met = finished.details.expectations.filter((expectation) => expectation.isMet).length;
  if (finished.details.expectations.length > 0) lines.push(`expectations ${met} of ${finished.details.expectations.length} hold`);
  for (const { check, passed, sampledBarCount, seed } of finished.details.checks ?? []) {
    const extent = sampledBarCount > 0 ? `, ${counted(sampledBarCount, 'bar')} sampled (seed ${seed})` : ', the whole run';
    lines.push(`check        ${check} ${passed ? 'passed' : 'FAILED'}${extent}`);
  }
  printText(lines.join('\n'));
}

function documentOf(finished: FinishedRun, reportPath: string | undefined): object {
  const { result, details } = finished;
  return {
    id: finished.id,
    name: finished.name,
    strategy: { name: result.strategyName, parameters: result.parameters },
    series: result.series,
    counts: {
      orders: result.orders.length,
      fills: result.fills.length,
      trades: result.trades.length,
      ambiguousBars: result.ambiguousBarCount,
      decidedBars: result.decidedBarCount,
      notRefinedBars: result.notRefinedBarCount,
      accountEvents: result.accountEvents.length,
      riskEvents: result.riskEvents.length,
    },
    metrics: result.metrics,
    openPositions: result.openPositions,
    ledger: result.ledger,
    otherLedgers: result.otherLedgers,
    dust: result.dust,
    accountEvents: result.accountEvents,
    riskEvents: result.riskEvents,
    warnings: result.warnings,
    expectations: details.expectations,
    checks: details.checks ?? [],
    interval: details.interval ?? null,
    certificate: result.certificate,
    versions: details.versions,
    report: reportPath ?? null,
  };
}
