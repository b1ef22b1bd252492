/** Owns "npm start": real bars, one scenario, its summary, its report. Never needs a network. */
import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { countText } from '../data/count-text.ts';
import { importVegaSp500, openCatalogue, vegaSp500Key } from '../data/index.ts';
import { reportHtml, summaryText } from '../reports/index.ts';
import { packageRoot } from '../strategies/locate.ts';
import { expectationError } from './expectations.ts';
import { homeFolder } from './home.ts';
import { startProgress } from './progress.ts';
import { reportInputOf, runScenario } from './run-scenario.ts';
import { exitCodeOf, type GlobalOptions, hasColor, note, printError, printText, terminalWidth } from './terminal.ts';

const options: GlobalOptions = { home: homeFolder(undefined), color: true };

async function start(): Promise<void> {
  const catalogue = openCatalogue(options.home);
  if (catalogue.find(vegaSp500Key) === undefined) {
    await importVegaSp500(catalogue);
    note(
      `imported ${countText(catalogue.manifest(vegaSp500Key).rowCount)} daily bars of the S&P 500 into ${relative('.', options.home)}`,
      options,
    );
  }
  const scenario = join(packageRoot(), 'scenarios', 'moving-average-cross.yaml');
  const progress = await startProgress(options);
  const finished = await runScenario(scenario, { home: options.home, onProgress: progress.update }).finally(() => progress.stop());
  const input = reportInputOf(finished);
  const reportPath = resolve('report.html');
  writeFileSync(reportPath, await reportHtml(input));
  printText(summaryText(input, { color: hasColor(options), width: terminalWidth() }));
  printText(
    `scenario     ${relative('.', scenario)}\nreport       ${relative('.', reportPath)}\ncertificate  ${finished.result.certificate.runHash}\nverify with  npx playhead verify ${finished.id}`,
  );
  const failure = expectationError(finished.details.expectations);
  if (failure !== undefined) throw failure;
}

try {
  await start();
} catch (error) {
  printError(error, {});
  process.exitCode = exitCodeOf(error);
}
