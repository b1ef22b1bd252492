/** Owns the tree of commands. Never imports what only one command needs: each action does that itself, so that --help answers at once. */
import { Command } from 'commander';
import { registerCheck } from './commands/check.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerData } from './commands/data.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerInit } from './commands/init.ts';
import { registerReport } from './commands/report.ts';
import { registerRun } from './commands/run.ts';
import { registerRuns } from './commands/runs.ts';
import { registerSchema } from './commands/schema.ts';
import { registerVerify } from './commands/verify.ts';
import { packageVersion } from './package-info.ts';

const exitCodes = `
Exit codes: 0 ok · 1 internal fault · 2 usage or invalid scenario · 3 data missing or corrupt · 4 an expectation, check
or verification failed · 5 the strategy threw or ran too long · 6 exchange or network · 130 interrupted · 143 terminated`;

export function buildProgram(): Command {
  const program = new Command('playhead')
    .description('A backtesting-first trading engine: scenario in, certified result out.')
    .version(packageVersion(), '-V, --version')
    .option('--home <folder>', 'folder of catalogue and runs', '.playhead')
    .option('--json', 'print one JSON document on stdout')
    .option('--no-color', 'no colours (also by NO_COLOR)')
    .option('-q, --quiet', 'no progress and no remarks on stderr')
    .option('--verbose', 'causes and stacks of errors')
    .addHelpText('after', exitCodes)
    .showSuggestionAfterError(true);
  for (const register of [
    registerInit,
    registerData,
    registerRun,
    registerCheck,
    registerVerify,
    registerRuns,
    registerReport,
    registerSchema,
    registerDoctor,
    registerCompletion,
  ])
    register(program);
  return program;
}
