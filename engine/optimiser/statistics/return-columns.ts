/** Owns the shape that columns of returns share in this folder. Never changes a column. */
import { ConfigError } from '../../errors.ts';

/** One column a trial, all over the same periods in the same order: returns as fractions, none of them NaN. Views of one shared buffer will do. */
export type ReturnColumns = readonly Float64Array[];

/** Rows that all columns have; no column → 0; columns of unequal length are refused. */
export function rowCountOf(columns: ReturnColumns): number {
  const rowCount = columns.length === 0 ? 0 : columns[0].length;
  for (let k = 1; k < columns.length; k++) {
    if (columns[k].length !== rowCount) {
      throw new ConfigError(
        'USAGE',
        `column ${k} has ${columns[k].length} rows, column 0 has ${rowCount}; give every trial a return for each period, 0 where it held nothing`,
        { column: k, rowCount: columns[k].length, rowCountExpected: rowCount },
      );
    }
  }
  return rowCount;
}

/** Refuses a setting that a caller got wrong. what: its name as the caller knows it; found and expected in words. */
export function requireSetting(holds: boolean, what: string, found: number, expected: string): void {
  if (!holds) throw new ConfigError('USAGE', `${what} is ${found}; it must be ${expected}`, { [what]: found });
}
