import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { semanticsProfiles } from './settings.ts';

describe('semantics profiles', () => {
  const rules = readFileSync(new URL('./broker/RULES.md', import.meta.url), 'utf8');
  const lines = rules.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const head = lines.findIndex((cells) => cells[0] === 'rule' && cells[1] === 'playhead');
  const names = lines[head].slice(1);
  const rows = lines.slice(head + 2).filter((cells) => cells.length === names.length + 1);

  test('the table of the broker’s rules states every rule of every profile', () => {
    const stated = Object.fromEntries(
      names.map((name, k) => [name, { profile: name, ...Object.fromEntries(rows.map((cells) => [cells[0], cells[k + 1]])) }]),
    );
    expect(stated).toEqual(semanticsProfiles);
  });

  test('every rule of the table has its sentence', () => {
    for (const [rule] of rows)
      expect(
        rules
          .split('\n')
          .filter((line) => !line.startsWith('|'))
          .join('\n'),
        rule,
      ).toContain(rule);
  });
});
