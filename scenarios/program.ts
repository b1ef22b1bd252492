/** Owns the tree of commands. Never imports what only one command needs: each action does that itself, so that --help answers at once. */
import { Command } from 'commander';
import { registerCheck } from './commands/check.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerData } from './commands/data.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExplain } from './commands/explain.ts';
import { registerInit } from './commands/init.ts';
import { registerOverfit } from './commands/overfit.ts';
import { registerReport } from './commands/report.ts';
import { registerRobustness } from './commands/robustness.ts';
import { registerRun } from './commands/run.ts';
import { registerRuns } from './commands/runs.ts';
import { registerSchema } from './commands/schema.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerVerify } from './commands/verify.ts';
import { registerWalkForward } from './commands/walkforward.ts';
import { packageVersion } from './package-info.ts';

const exitCodes = `
Exit codes: 0 ok · 1 internal fault · 2 usage or invalid scenario · 3 data missing or corrupt · 4 an expectation, check
or verification failed · 5 the strategy threw or ran too long · 6 exchange or network · 130 interrupted · 143 terminated`;

/** commander's own "help" knows one level: "help data import" is three. */
function registerHelp(program: Command): void {
  program
    .command('help')
    .description('help of a command: "help data import"')
    .argument('[command...]', 'its words')
    .action(async (words: readonly string[]) => {
      let command = program;
      for (const word of words) {
        const inner = command.commands.find((one) => one.name() === word);
        if (inner === undefined) {
          const { ConfigError } = await import('../engine/errors.ts');
          const names = command.commands.map((one) => one.name()).join(', ');
          throw new ConfigError('USAGE', `${command.name()} has no command "${word}"${names === '' ? '' : `, expected one of ${names}`}`);
        }
        command = inner;
      }
      command.outputHelp();
    });
}

export function buildProgram(): Command {
  const program = new Command('playhead')
    .description('A backtesting-first trading engine: scenario in, certified result out.')
    .version(packageVersion(), '-V, --version')
    .option('--home <folder>', 'folder of catalogue and runs (default: .playhead of the project, here or above)')
    .option('--json', 'print one JSON document on stdout')
    .option('--no-color', 'no colours (also by NO_COLOR)')
    .option('-q, --quiet', 'no progress and no remarks on stderr; what a strategy prints still goes there')
    .option('--verbose', 'causes and stacks of errors')
    .addHelpText('after', exitCodes)
    .showSuggestionAfterError(true);
  for (const register of [
    registerInit,
    registerData,
    registerRun,
    registerCheck,
    registerVerify,
    registerExplain,
    registerSweep,
    registerWalkForward,
    registerOverfit,
    registerRobustness,
    registerRuns,
    registerReport,
    registerSchema,
    registerDoctor,
    registerCompletion,
  ])
    register(program);
  registerHelp(program);
  return program;
}
