#!/usr/bin/env node
/** Owns the command line's outermost edge: arguments in, exit code out. Never does the work of a command. */
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { ConfigError } from '../engine/errors.ts';
import { buildProgram } from './program.ts';
import { exitCodeOf, printError } from './terminal.ts';

async function main(): Promise<number> {
  const program = buildProgram();
  const wantsJson = process.argv.includes('--json');
  forEachCommand(program, (command) => {
    command.exitOverride();
    command.configureOutput({ writeErr: () => {}, outputError: () => {} });
  });
  try {
    if (process.argv.length <= 2) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync();
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const shown = error instanceof CommanderError ? usageError(error) : error;
    printError(shown, { json: wantsJson, verbose: process.argv.includes('--verbose') });
    return exitCodeOf(shown);
  }
}

/** commander says "error: unknown command 'rn'\n(Did you mean run?)". */
function usageError(error: CommanderError): ConfigError {
  if (error.code === 'commander.help') return new ConfigError('USAGE', 'a command is missing; see --help');
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)/, (_all, names: string) => `; did you mean "${names.split(', ').join('" or "')}"?`);
  return new ConfigError('USAGE', `${message.trimEnd()}; see --help`);
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const inner of command.commands) forEachCommand(inner, visit);
}

// A reader that has seen enough (head) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// What nobody reads is not written; the exit code says it all the same.
process.stderr.on('error', () => {});
process.exitCode = await main();
