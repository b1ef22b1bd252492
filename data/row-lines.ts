/** Owns in which line of a text file a row of bars stands, for messages. Never runs for a file without a fault. */
import { closeSync, openSync, readSync } from 'node:fs';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The line, counted from 1 as editors do, of a row counted from 0. Lines that are empty hold no row, as DuckDB reads the file. */
export function lineOfRow(path: string, skippedLineCount: number, row: number): number {
  const buffer = Buffer.alloc(1 << 20);
  const file = openSync(path, 'r');
  let line = 1;
  let rowCount = 0;
  let isEmpty = true;
  let previous = 0;
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      for (let i = 0; i < length; i++) {
        const byte = buffer[i];
        const isSecondHalf = byte === lineFeed && previous === carriageReturn;
        previous = byte;
        if (isSecondHalf) continue;
        if (byte !== lineFeed && byte !== carriageReturn) {
          isEmpty = false;
          continue;
        }
        if (!isEmpty && line > skippedLineCount && rowCount++ === row) return line;
        line++;
        isEmpty = true;
      }
    }
    return line;
  } finally {
    closeSync(file);
  }
}
