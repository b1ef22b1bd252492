import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** What users of other engines complain about, and which tests answer it here; the conformance page shows it. */
interface Complaint {
  readonly number: number;
  readonly complaint: string;
  /** title: of a test, a describe or a row of one, as the file writes it. */
  readonly answers: readonly { readonly file: string; readonly title: string }[];
  /** The work that answers the rest of it, and with what; '' where nothing is left. */
  readonly later: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const complaints = JSON.parse(readFileSync(`${root}scenarios/complaints.json`, 'utf8')) as Complaint[];

/** Whether a file has a test, a describe or a row of one with this text whole. */
function hasTitle(file: string, title: string): boolean {
  const source = readFileSync(`${root}${file}`, 'utf8');
  const escaped = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:\\(|\\[|\\bname: )\\s*(['"\`])${escaped}\\1`).test(source);
}

describe('thirty complaints', () => {
  test('are thirty, in order, each in a sentence of its own', () => {
    expect(complaints.map((one) => one.number)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(new Set(complaints.map((one) => one.complaint)).size).toBe(30);
    for (const { complaint } of complaints) expect(complaint).toMatch(/^[A-Z].{20,120}\.$/);
  });

  test.each(complaints)('$number $complaint', ({ answers, later }) => {
    if (answers.length === 0) expect(later).not.toBe('');
    if (later !== '') expect(later).toMatch(/^(Search|Live): .+\.$/);
    for (const { file, title } of answers) {
      expect(existsSync(`${root}${file}`), `${file} is not there`).toBe(true);
      expect(file.endsWith('.test.ts'), file).toBe(true);
      expect(
        hasTitle(file, title),
        `${file} has no test "${title}"; it was renamed or removed: say in complaints.json what answers now`,
      ).toBe(true);
    }
  });

  test('a title that no file has, and a part of one, are found out', () => {
    const [{ file, title }] = complaints[0].answers;
    expect([title, title.slice(1), title.slice(0, -1), 'no such test'].map((text) => hasTitle(file, text))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
