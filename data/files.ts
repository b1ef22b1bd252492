/** Owns how files reach the disk: whole or not at all. Never reads market data. */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Flushes a file or folder to the disk. Folders cannot be flushed on every system; there the rename is as safe as the system makes it. */
export function flush(path: string): void {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(handle);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM' && (error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  } finally {
    closeSync(handle);
  }
}

/** Moves a finished file to its final name: flushed before, the folder flushed after. */
export function publish(fromPath: string, toPath: string): void {
  flush(fromPath);
  renameSync(fromPath, toPath);
  flush(dirname(toPath));
}

/** Writes text or bytes so that a reader sees the old file or the new one, never a part. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  writeFileSync(temporary, content);
  publish(temporary, path);
}

/** As writeAtomically, piece after piece: the whole never lies in memory. */
export function writePiecesAtomically(path: string, pieces: Iterable<Uint8Array>): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const handle = openSync(temporary, 'w');
  try {
    for (const piece of pieces) writeFileSync(handle, piece);
  } finally {
    closeSync(handle);
  }
  publish(temporary, path);
}

/** SHA-256 of a file's bytes in hex, read in pieces of 4 MiB. */
export function sha256OfFile(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(4 * 1024 * 1024);
  const handle = openSync(path, 'r');
  try {
    for (;;) {
      const byteCount = readSync(handle, piece, 0, piece.length, null);
      if (byteCount === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, byteCount));
    }
  } finally {
    closeSync(handle);
  }
}
