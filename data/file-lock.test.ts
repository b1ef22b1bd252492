import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFileLock } from './file-lock.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock beside a file', () => {
  test('is gone after the change, also after one that threw', () => {
    const path = join(folder, 'a', 'rules.json');
    expect(withFileLock(path, () => existsSync(`${path}.lock`))).toBe(true);
    expect(() =>
      withFileLock(path, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('left by a process that is gone is taken over', () => {
    const path = join(folder, 'left.json');
    writeFileSync(`${path}.lock`, '4194304');
    expect(withFileLock(path, () => 'changed')).toBe('changed');
  });

  test('four processes that each add twenty-five lose nothing', async () => {
    const path = join(folder, 'count');
    writeFileSync(path, '0');
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { withFileLock } from ${JSON.stringify(new URL('../dist/data/file-lock.js', import.meta.url).href)};
      for (let k = 0; k < 25; k++)
        withFileLock(${JSON.stringify(path)}, () => writeFileSync(${JSON.stringify(path)}, String(Number(readFileSync(${JSON.stringify(path)}, 'utf8')) + 1)));`;
    const ends = Array.from(
      { length: 4 },
      () =>
        new Promise<number | null>((done) =>
          spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).on('exit', done),
        ),
    );
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
    expect(readFileSync(path, 'utf8')).toBe('100');
  });
});
