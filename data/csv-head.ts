/** Owns what the first lines of a text file tell: delimiter, header, columns, an example row. Never reads further than its first 64 KiB. */
import { closeSync, openSync, readSync } from 'node:fs';
import { DataError } from '../engine/errors.ts';

export interface CsvHead {
  readonly delimiter: string;
  /** Names of the columns; undefined where the first row is data. */
  readonly header: readonly string[] | undefined;
  /** Lines in front of the first data row. */
  readonly skippedLineCount: number;
  readonly firstRow: readonly string[];
  /** Its line, counted from 1. */
  readonly firstRowLine: number;
  readonly columnCount: number;
}

const headBytes = 65_536;

/** Reads the head of a file; DATA_FORMAT where it is empty, no text, or a web page. */
export function readCsvHead(path: string, file: string, delimiterGiven?: string): CsvHead {
  const text = readHead(path, file);
  const lines = text.split(/\r\n|\n|\r/);
  const start = lines.findIndex((line) => line.trim() !== '' && !/^\s*(#|https?:\/\/)/.test(line));
  if (start < 0) throw new DataError('DATA_FORMAT', `${file} is empty; expected a header line and at least one bar`, { file });
  const delimiter = delimiterGiven ?? guessDelimiter(lines[start]);
  const first = splitLine(lines[start], delimiter);
  const hasHeader = !looksLikeData(first);
  const rowAt = hasHeader ? lines.findIndex((line, i) => i > start && line.trim() !== '') : start;
  if (rowAt < 0) throw new DataError('DATA_FORMAT', `${file} has a header and no bars`, { file });
  const firstRow = splitLine(lines[rowAt], delimiter);
  return {
    delimiter,
    header: hasHeader ? first : undefined,
    skippedLineCount: hasHeader ? start + 1 : start,
    firstRow,
    firstRowLine: rowAt + 1,
    columnCount: first.length,
  };
}

function readHead(path: string, file: string): string {
  const handle = openSync(path, 'r');
  const buffer = Buffer.alloc(headBytes);
  let byteCount: number;
  try {
    byteCount = readSync(handle, buffer, 0, headBytes, 0);
  } finally {
    closeSync(handle);
  }
  if (byteCount === 0) throw new DataError('DATA_FORMAT', `${file} is empty (0 bytes)`, { file });
  const bytes = buffer.subarray(0, byteCount);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw new DataError('DATA_FORMAT', `${file} is gzip; give it the ending .csv.gz`, { file });
  if (bytes.includes(0)) {
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new DataError('DATA_FORMAT', `${file} is ${isUtf16 ? 'UTF-16 text; save it as UTF-8' : 'binary, not a text file'}`, { file });
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(text)) {
    throw new DataError(
      'DATA_FORMAT',
      `${file} is a web page (it starts with "${text.trim().slice(0, 15)}"), not CSV: the download gave an error page`,
      { file },
    );
  }
  if (/^\s*[{[]/.test(text))
    throw new DataError('DATA_FORMAT', `${file} is JSON, not CSV; expected lines such as "time,open,high,low,close,volume"`, { file });
  return byteCount === headBytes ? text.slice(0, Math.max(text.lastIndexOf('\n'), 0)) : text;
}

function guessDelimiter(line: string): string {
  let best = ',';
  let bestCount = 0;
  for (const candidate of [',', ';', '\t', '|']) {
    const count = line.split(candidate).length;
    if (count > bestCount) {
      best = candidate;
      bestCount = count;
    }
  }
  return best;
}

/** A header has names; a row of bars has at least three numbers. */
function looksLikeData(cells: readonly string[]): boolean {
  return cells.filter((cell) => cell.trim() !== '' && Number.isFinite(Number(cell))).length >= 3;
}

/** Cells of one line, quotes taken off; a quoted cell with a line break is not met in bars. */
export function splitLine(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (line[i + 1] === '"') cell += line[++i];
      else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') {
      isQuoted = true;
      cell = '';
    } else if (character === delimiter) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  cells.push(cell.trim());
  return cells;
}
