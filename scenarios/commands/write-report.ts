/** Owns where a report is written once its result is stored. Never makes one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type GlobalOptions, note } from '../terminal.ts';

/** Its path; a report that cannot be written is a remark, and undefined, unless it was asked for by name. */
export async function writeReport(
  { asked, usual, html }: { readonly asked: string | undefined; readonly usual: string; readonly html: () => Promise<string> },
  options: GlobalOptions,
): Promise<string | undefined> {
  const path = asked === undefined ? usual : resolve(asked);
  try {
    const text = await html();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  } catch (error) {
    if (asked !== undefined) throw error;
    note(`the report could not be written: ${error instanceof Error ? error.message : String(error)}`, options);
    return undefined;
  }
}
