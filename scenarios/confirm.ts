/** Owns asking before something is removed or replaced. Never does it. */
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../engine/errors.ts';

export interface ConfirmOptions {
  readonly json?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** otherwise: what has not happened without a yes, in words. Comes back where the answer is yes, by --yes or at the terminal; USAGE otherwise, also where nobody can be asked. */
export async function confirmed(question: string, otherwise: string, { json, yes }: ConfirmOptions): Promise<void> {
  if (yes === true) return;
  if (json === true || process.stdin.isTTY !== true)
    throw new ConfigError('USAGE', `${question} Nobody can be asked here: give --yes to have it done; ${otherwise}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new ConfigError('USAGE', `the answer was not y; ${otherwise}`);
}
