/** Owns one short change of a file at a time, across processes. Never holds for longer than a read and a write. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { isAlive } from './process-alive.ts';

const waitMs = 10;
const waitMsMax = 5_000;

/** Runs a change while no other process makes one of the same file; DATA_BUSY where another living one holds it for 5 s. */
export function withFileLock<T>(path: string, change: () => T): T {
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  acquire(lock);
  try {
    return change();
  } finally {
    rmSync(lock, { force: true });
  }
}

function acquire(lock: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += waitMs) {
    try {
      const handle = openSync(lock, 'wx');
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      const owner = ownerOf(lock);
      // A lock without its owner's id is being written, or was left by a process killed between the two.
      if (owner === undefined ? waitedMs >= waitMsMax / 2 : owner !== process.pid && !isAlive(owner)) rmSync(lock, { force: true });
      else if (waitedMs >= waitMsMax)
        throw new DataError('DATA_BUSY', `process ${owner} holds ${lock}; wait for it to end`, { process: owner ?? 0 }, cause);
      Atomics.wait(pause, 0, 0, waitMs);
    }
  }
}

function ownerOf(lock: string): number | undefined {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(owner) && owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}
