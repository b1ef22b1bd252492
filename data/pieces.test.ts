import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Piece, readAll, readAndHash } from './pieces.ts';

/** A system may give less than was asked for: here three bytes a read, where a test says so. */
const most = vi.hoisted(() => ({ bytes: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const read = (handle: number, bytes: Uint8Array, at: number, length: number, from: number, done: (...given: never[]) => void): void =>
    real.read(handle, bytes, at, Math.min(length, most.bytes), from, done as never);
  return { ...real, read };
});

const folder = mkdtempSync(join(tmpdir(), 'playhead-pieces-'));
const path = join(folder, 'file');
const content = Uint8Array.from({ length: 100 }, (_, i) => i * 7);
writeFileSync(path, content);
let handle: number;
beforeEach(() => {
  handle = fs.openSync(path, 'r');
});
afterEach(() => {
  fs.closeSync(handle);
  most.bytes = Number.POSITIVE_INFINITY;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const room = (from: number, end: number): Piece => ({ from, bytes: new Uint8Array(end - from), isRead: false });
const given = (from: number, end: number): Piece => ({ from, bytes: content.slice(from, end), isRead: true });

describe('pieces of a file', () => {
  test.each([Number.POSITIVE_INFINITY, 3])('are filled and hashed whole where a read gives at most %d bytes', async (bytes) => {
    most.bytes = bytes;
    const pieces = [given(0, 10), room(10, 50), given(50, 51), room(51, 100)];
    expect(await readAndHash(handle, pieces)).toBe(createHash('sha256').update(content).digest('hex'));
    expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(Buffer.from(content));
  });

  test('that reach past the end of the file are refused, whichever is waited for first', async () => {
    const text = 'the file ends at 100, its bytes up to 120 are missing';
    await expect(readAll(handle, [room(0, 50), room(90, 120)])).rejects.toThrow(text);
    await expect(readAndHash(handle, [room(0, 90), room(90, 120), room(120, 121)])).rejects.toThrow(text);
  });
});
