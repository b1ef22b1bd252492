/** Owns "playhead verify". Never decides what differs (verify.ts). */
import type { Command } from 'commander';
import { type GlobalOptions, globalsOf, interruptible, printJson, printText, secondsOf } from '../terminal.ts';
import type { FindingKind, Verification } from '../verify.ts';

interface VerifyOptions extends GlobalOptions {
  readonly timeLimit: string;
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check a stored run: its bytes, its inputs, and play it again')
    .argument('<run>', 'id, start of an id, start of a run hash, or "last"')
    .option('--time-limit <seconds>', 'end a strategy that does not come back', '600')
    .action(async (run: string, _options: unknown, command: Command) => verifyCommand(run, globalsOf(command) as VerifyOptions));
}

const headings: Readonly<Record<FindingKind, string>> = {
  inputs: 'differing inputs',
  engine: 'differing engine',
  outputs: 'differing outputs',
};

async function verifyCommand(run: string, options: VerifyOptions): Promise<void> {
  const timeLimitMs = secondsOf(options.timeLimit, '--time-limit') * 1000;
  const { resolve } = await import('node:path');
  const { meantRun } = await import('../meant-run.ts');
  const { verifyRun } = await import('../verify.ts');
  const { GateError } = await import('../../engine/errors.ts');
  const home = resolve(options.home);
  const id = meantRun(run, options);
  const verification = await interruptible((signal) => verifyRun(home, id, { timeLimitMs, signal }));
  const isVerified = verification.findings.length === 0;
  if (isVerified && options.json) printJson({ verified: true, ...verification });
  if (isVerified && !options.json)
    printText(`verified     ${id}\nrun hash     ${verification.runHash}\nplayed again: inputs, engine and outputs are the same`);
  if (!isVerified) throw new GateError('VERIFY_FAILED', messageOf(verification), { run: id, ...countsOf(verification) });
}

/** Findings by kind, inputs first: what follows from them comes after. */
function messageOf({ id, findings, isReplayed }: Verification): string {
  const lines = [`run ${id} could not be reproduced`];
  for (const [kind, heading] of Object.entries(headings)) {
    const texts = findings.filter((finding) => finding.kind === kind).map((finding) => finding.text);
    if (texts.length > 0) lines.push(`${heading}:`, ...texts.map((text) => `  ${text}`));
  }
  if (!isReplayed) lines.push('the run was not played again: its record or inputs cannot be used as they are');
  return lines.join('\n');
}

function countsOf({ findings, isReplayed }: Verification): Record<string, number | boolean | string> {
  const count = (kind: FindingKind): number => findings.filter((finding) => finding.kind === kind).length;
  return { inputs: count('inputs'), engine: count('engine'), outputs: count('outputs'), isReplayed, firstFinding: findings[0].text };
}
