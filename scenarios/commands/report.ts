/** Owns "playhead report": a stored run or sweep shown again. Never plays one. */
import type { Command } from 'commander';
import { namedHome } from '../home.ts';
import { type GlobalOptions, globalsOf, hasColor, printJson, printText, terminalWidth } from '../terminal.ts';

interface ReportOptions extends GlobalOptions {
  readonly output?: string;
}

/** A sweep is meant by it, since "last" is a run. */
const lastSweep = 'last-sweep';

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the HTML report of a stored run or sweep again, and print the summary of a run')
    .argument('<run>', `id of a run or sweep, start of an id, start of a run hash, "last" (run) or "${lastSweep}"`)
    .option('-o, --output <file>', 'where the HTML report is written (default: beside what is stored)')
    .action(async (wanted: string, _options: unknown, command: Command) => reportCommand(wanted, globalsOf(command) as ReportOptions));
}

async function reportCommand(wanted: string, options: ReportOptions): Promise<void> {
  const { outputFile } = await import('../output-path.ts');
  const asked = options.output === undefined ? undefined : outputFile(options.output, '--output');
  const sweep = await meantSweep(options.home, wanted);
  if (sweep === undefined) await reportRun(wanted, asked, options);
  else await reportSweep(sweep, asked, options);
}

/** undefined where a run is meant: by its id, or since nothing is called so. */
async function meantSweep(home: string, wanted: string): Promise<string | undefined> {
  const { findSweep, sweepIds } = await import('../../data/stores/sweep-store.ts');
  if (wanted === lastSweep) return findSweep(home, 'last');
  const { runIds } = await import('../../data/stores/run-store.ts');
  const fits = (id: string): boolean => id.startsWith(wanted) || id.slice(16).startsWith(wanted);
  return !runIds(home).some(fits) && sweepIds(home).some(fits) ? findSweep(home, wanted) : undefined;
}

async function reportSweep(id: string, asked: string | undefined, options: ReportOptions): Promise<void> {
  const { join } = await import('node:path');
  const { sweepFolder } = await import('../../data/stores/sweep-store.ts');
  const { sweepReportInput } = await import('../search/sweep-report.ts');
  const { sweepReportHtml } = await import('../../reports/index.ts');
  const path = asked ?? join(sweepFolder(options.home, id), 'report.html');
  const html = await sweepReportHtml(sweepReportInput(options.home, id));
  await write(path, html);
  if (options.json) printJson({ id, report: path });
  else printText(`report       ${path}`);
}

async function reportRun(run: string, asked: string | undefined, options: ReportOptions): Promise<void> {
  const { join } = await import('node:path');
  const { loadRun, runFolder } = await import('../../data/stores/run-store.ts');
  const { meantRun } = await import('../meant-run.ts');
  const { openCatalogue } = await import('../../data/catalogue.ts');
  const { loadTapes } = await import('../prepare.ts');
  const { reportInputOf } = await import('../run-scenario.ts');
  const { reportHtml, summaryText } = await import('../../reports/index.ts');
  type RunDetails = import('../run-scenario.ts').RunDetails;
  const { home } = options;
  const id = meantRun(run, options);
  const stored = loadRun<RunDetails>(home, id);
  const { tapes, conversions } = await loadTapes(openCatalogue(home), stored.details.resolved);
  const input = reportInputOf({ ...stored, tapes, conversions });
  const path = asked ?? join(runFolder(home, id), 'report.html');
  await write(path, await reportHtml(input));
  if (options.json) printJson({ id, report: path });
  else
    printText(
      `${summaryText(input, { color: hasColor(options), width: terminalWidth(), home: namedHome(home) }).trimEnd()}\nreport       ${path}`,
    );
}

async function write(path: string, html: string): Promise<void> {
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const { dirname } = await import('node:path');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
}
