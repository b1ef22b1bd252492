/** Owns what it means that two runs are the same in every record. Never used outside tests. */
import { expect } from 'vitest';
import type { RunResult } from '../result.ts';

const records = ['orders', 'fills', 'trades', 'equity', 'metrics', 'ledger', 'warnings', 'riskEvents'] as const;

export function expectSameRecords(one: RunResult, other: RunResult): void {
  for (const record of records) expect(one[record], record).toEqual(other[record]);
}
