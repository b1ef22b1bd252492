/** Owns reading an open file on several threads, each part straight to where it belongs. Never looks at what it reads. */
import { createHash } from 'node:crypto';
import { read } from 'node:fs';

/** Bytes of a file: already read, or room for them. */
export interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly isRead: boolean;
}

/** Fills the pieces, which follow one another without a gap, and gives the hex SHA-256 over all of them: one is hashed while others are read. */
export async function readAndHash(handle: number, pieces: readonly Piece[]): Promise<string> {
  const reads = startReads(handle, pieces);
  const hash = createHash('sha256');
  for (const [i, piece] of pieces.entries()) {
    if (!piece.isRead) await reads[i];
    hash.update(piece.bytes);
  }
  await finish(reads);
  return hash.digest('hex');
}

/** Fills the pieces. */
export function readAll(handle: number, pieces: readonly Piece[]): Promise<void> {
  return finish(startReads(handle, pieces));
}

/** Each settles with the error of its read, so that none is left unheard while another is waited for. */
function startReads(handle: number, pieces: readonly Piece[]): Promise<Error | undefined>[] {
  return pieces.map((piece) => (piece.isRead ? Promise.resolve(undefined) : fill(handle, piece)));
}

/** Waits for all: a file must not be closed under a thread that reads it. */
async function finish(reads: readonly Promise<Error | undefined>[]): Promise<void> {
  for (const error of await Promise.all(reads)) if (error !== undefined) throw error;
}

function fill(handle: number, { from, bytes }: Piece): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const next = (at: number): void => {
      read(handle, bytes, at, bytes.length - at, from + at, (error, byteCount) => {
        if (error !== null) resolve(error);
        else if (byteCount === 0)
          resolve(new RangeError(`the file ends at ${from + at}, its bytes up to ${from + bytes.length} are missing`));
        else if (at + byteCount === bytes.length) resolve(undefined);
        else next(at + byteCount);
      });
    };
    next(0);
  });
}
