/** Owns "playhead report": a stored run shown again. Never plays one. */
import type { Command } from 'commander';
import { namedHome } from '../home.ts';
import { type GlobalOptions, globalsOf, hasColor, printJson, printText, terminalWidth } from '../terminal.ts';

interface ReportOptions extends GlobalOptions {
  readonly output?: string;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('print the summary of a stored run and write its HTML report')
    .argument('<run>', 'id, start of an id, start of a run hash, or "last"')
    .option('-o, --output <file>', 'where the HTML report is written (default: beside the stored run)')
    .action(async (run: string, _options: unknown, command: Command) => reportCommand(run, globalsOf(command) as ReportOptions));
}

async function reportCommand(run: string, options: ReportOptions): Promise<void> {
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const { dirname, join } = await import('node:path');
  const { loadRun, runFolder } = await import('../../data/stores/run-store.ts');
  const { meantRun } = await import('../meant-run.ts');
  const { openCatalogue } = await import('../../data/catalogue.ts');
  const { loadTapes } = await import('../prepare.ts');
  const { reportInputOf } = await import('../run-scenario.ts');
  const { reportHtml, summaryText } = await import('../../reports/index.ts');
  type RunDetails = import('../run-scenario.ts').RunDetails;
  const { outputFile } = await import('../output-path.ts');
  const asked = options.output === undefined ? undefined : outputFile(options.output, '--output');
  const { home } = options;
  const id = meantRun(run, options);
  const stored = loadRun<RunDetails>(home, id);
  const { tapes, conversions } = await loadTapes(openCatalogue(home), stored.details.resolved);
  const input = reportInputOf({ ...stored, tapes, conversions });
  const path = asked ?? join(runFolder(home, id), 'report.html');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await reportHtml(input));
  if (options.json) printJson({ id, report: path });
  else
    printText(
      `${summaryText(input, { color: hasColor(options), width: terminalWidth(), home: namedHome(home) }).trimEnd()}\nreport       ${path}`,
    );
}
