/** Owns "playhead init". Never knows what a project holds (init.ts). */
import type { Command } from 'commander';
import { globalsOf, note, printJson, printText } from '../terminal.ts';

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('make a project folder that runs at once, without a network')
    .argument('<folder>', 'new or empty folder')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const options = globalsOf(command);
      const { initProject } = await import('../init.ts');
      const report = await initProject(folder, () => note('importing bars …', options));
      if (options.json) return printJson(report);
      const bars = `${report.key.venue} ${report.key.symbol} ${report.key.timeframe}`;
      const label = report.isSynthetic ? ' (SYNTHETIC: made by a seeded generator)' : '';
      printText(`made ${report.folder}\n  ${report.files.join('\n  ')}\nbars ${bars}${label}\n\nnext:\n  cd ${folder}\n  npx playhead run`);
    });
}
