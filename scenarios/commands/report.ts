/** Owns "playhead report": a stored run, sweep or walk-forward shown again. Never plays one. */
import type { Command } from 'commander';
import { namedHome } from '../home.ts';
import { type GlobalOptions, globalsOf, hasColor, printJson, printText, terminalWidth } from '../terminal.ts';

interface ReportOptions extends GlobalOptions {
  readonly output?: string;
}

/** "last" is a run. */
const lastWords = { sweep: 'last-sweep', walkForward: 'last-walkforward' } as const;

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the HTML report of a stored run, sweep or walk-forward again, and print the summary of a run')
    .argument(
      '<run>',
      `id of a run, sweep or walk-forward, start of one, start of a run hash, "last" (run), "${lastWords.sweep}" or "${lastWords.walkForward}"`,
    )
    .option('-o, --output <file>', 'where the HTML report is written (default: beside what is stored)')
    .action(async (wanted: string, _options: unknown, command: Command) => reportCommand(wanted, globalsOf(command) as ReportOptions));
}

async function reportCommand(wanted: string, options: ReportOptions): Promise<void> {
  const { outputFile } = await import('../output-path.ts');
  const asked = options.output === undefined ? undefined : outputFile(options.output, '--output');
  const search = await meantSearch(options.home, wanted);
  if (search === undefined) return reportRun(wanted, asked, options);
  const { join } = await import('node:path');
  const path = asked ?? join(search.folder, 'report.html');
  await write(path, await search.html());
  if (options.json) printJson({ id: search.id, report: path });
  else printText(`report       ${path}`);
}

interface StoredSearch {
  readonly id: string;
  readonly folder: string;
  readonly html: () => Promise<string>;
}

/** undefined where a run is meant: by its id, or since nothing is called so. */
async function meantSearch(home: string, wanted: string): Promise<StoredSearch | undefined> {
  const { findSweep, sweepFolder, sweepIds } = await import('../../data/stores/sweep-store.ts');
  const { findWalkForward, walkForwardFolder, walkForwardIds } = await import('../../data/stores/walkforward-store.ts');
  const { runIds } = await import('../../data/stores/run-store.ts');
  const fits = (id: string): boolean => id.startsWith(wanted) || id.slice(16).startsWith(wanted);
  const isRun = runIds(home).some(fits);
  if (wanted === lastWords.sweep || (!isRun && sweepIds(home).some(fits))) {
    const id = findSweep(home, wanted === lastWords.sweep ? 'last' : wanted);
    return { id, folder: sweepFolder(home, id), html: () => sweepHtml(home, id) };
  }
  if (wanted === lastWords.walkForward || (!isRun && walkForwardIds(home).some(fits))) {
    const id = findWalkForward(home, wanted === lastWords.walkForward ? 'last' : wanted);
    return { id, folder: walkForwardFolder(home, id), html: () => walkForwardHtml(home, id) };
  }
  return undefined;
}

async function sweepHtml(home: string, id: string): Promise<string> {
  const { sweepReportInput } = await import('../search/sweep-report.ts');
  const { sweepReportHtml } = await import('../../reports/index.ts');
  return sweepReportHtml(sweepReportInput(home, id));
}

async function walkForwardHtml(home: string, id: string): Promise<string> {
  const { storedWalkForwardHtml } = await import('../search/walkforward-report.ts');
  return storedWalkForwardHtml(home, id);
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
