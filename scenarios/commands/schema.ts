/** Owns "playhead schema". Never writes a file. */
import type { Command } from 'commander';
import { printJson } from '../terminal.ts';

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenario files')
    .action(async () => {
      const { scenarioJsonSchema } = await import('../schema.ts');
      printJson(scenarioJsonSchema());
    });
}
