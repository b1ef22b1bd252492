/** Owns "runs export": the files of a run's tables. Never writes over files of another export unasked. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadRun } from '../../data/stores/run-store.ts';
import { ConfigError } from '../../engine/errors.ts';
import { type ConfirmOptions, confirmed } from '../confirm.ts';
import { meantRun } from '../meant-run.ts';
import { outputFolder } from '../output-path.ts';
import type { RunDetails } from '../run-scenario.ts';
import { type GlobalOptions, plainNumber, printJson, printText } from '../terminal.ts';
import { tableNames, tablesOf } from './run-tables.ts';

export interface ExportOptions extends GlobalOptions, ConfirmOptions {
  readonly json?: boolean;
  readonly output?: string;
  readonly format: string;
}

export async function exportRun(run: string, options: ExportOptions): Promise<void> {
  const { format, output } = options;
  if (format !== 'csv' && format !== 'json') throw new ConfigError('USAGE', `--format: was "${format}", expected csv or json`);
  const asked = output === undefined ? undefined : outputFolder(output, '--output');
  const id = meantRun(run, options);
  const { result, details } = loadRun<RunDetails>(options.home, id);
  const tables = tablesOf(result, details.resolved.semantics.moneyDecimals !== 'none', details.interval);
  const folder = asked ?? resolve(id);
  const files = new Map(
    Object.entries(tables).map(([name, rows]) => [
      `${name}.${format}`,
      format === 'csv' ? csvOf(rows) : `${JSON.stringify(rows, plainNumber, 1)}\n`,
    ]),
  );
  const others = filesOfOthers(folder, files, format);
  if (others.length > 0)
    await confirmed(`replace ${others.join(', ')} in ${relative('.', folder) || '.'}?`, 'nothing was written', options);
  for (const name of others) rmSync(join(folder, name));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const paths = [...files.keys()].map((name) => join(folder, name));
  if (options.json) printJson({ id, files: paths });
  else printText(paths.join('\n'));
}

/** Files of that folder with the name of a table, that hold anything else than what is to be written. */
function filesOfOthers(folder: string, files: ReadonlyMap<string, string>, format: string): string[] {
  return tableNames
    .map((name) => `${name}.${format}`)
    .filter((name) => existsSync(join(folder, name)) && readFileSync(join(folder, name), 'utf8') !== files.get(name));
}

/** One header line with the columns of all rows, then the rows; NaN and what is absent are empty fields, what is nested is JSON. */
export function csvOf(rows: readonly object[]): string {
  if (rows.length === 0) return '';
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const field = (value: unknown): string => {
    if (value === undefined || value === null || Number.isNaN(value)) return '';
    const text = typeof value === 'object' ? JSON.stringify(value, plainNumber) : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => Array.from(names, (name) => field((row as Readonly<Record<string, unknown>>)[name])).join(','));
  return `${[[...names].join(','), ...lines].join('\n')}\n`;
}
