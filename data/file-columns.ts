/** Owns which column of a file is which part of a bar. Never reads rows. */
import { DataError } from '../engine/errors.ts';
import { nearest } from '../engine/nearest.ts';
import type { EpochUnit } from './time-format.ts';

export type Role = 'time' | 'open' | 'high' | 'low' | 'close' | 'volume';

/** Positions of columns in the file. time has two where date and time of day stand apart; volume −1 where there is none. */
export interface FileColumns {
  readonly time: readonly number[];
  readonly timeUnit: EpochUnit | undefined;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Names by which files call a column, best first; compared in lower case without anything but letters and digits. */
const aliases: Readonly<Record<Role, readonly string[]>> = {
  time: [
    'opentimems',
    'opentime',
    'timestampms',
    'timems',
    'timestamp',
    'unix',
    'unixtime',
    'unixtimestamp',
    'epoch',
    'datetime',
    'time',
    't',
    'ts',
    'tsevent',
    'startedat',
    'openat',
    'begin',
    'start',
    'gmttime',
    'localtime',
    'indexlevel0',
    'index',
    'date',
    'day',
    '',
  ],
  open: ['open', 'o', 'op', 'openprice', 'first'],
  high: ['high', 'h', 'hi', 'highprice', 'max'],
  low: ['low', 'l', 'lo', 'lowprice', 'min'],
  close: ['close', 'c', 'cl', 'closeprice', 'last', 'price'],
  volume: ['volume', 'v', 'vol', 'basevolume', 'volumebase', 'tickvolume', 'tickvol', 'quantity', 'qty', 'size', 'amount'],
};
const dateNames = ['date', 'day', 'dtyyyymmdd'];
const clockNames = ['time', 'timeofday', 'clock'];

/** Finds the columns by name. sample: the first row, which tells a time of day from a whole stamp. */
export function findColumns(names: readonly string[], sample: readonly string[], file: string): FileColumns {
  const plain = names.map((name) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''));
  refuseDuplicates(names, plain, file);
  const position = (role: Role): number => {
    for (const alias of aliases[role]) {
      const found = plain.indexOf(alias);
      // A column without a name is the time only where it stands first, as pandas writes its index.
      if (found === 0 || (found > 0 && alias !== '')) return found;
    }
    return role === 'volume' ? plain.findIndex((name) => name.startsWith('volume')) : -1;
  };
  const time = findTime(plain, sample) ?? [position('time')];
  const columns = { time, open: position('open'), high: position('high'), low: position('low'), close: position('close') };
  const volume = position('volume');
  const isWhole = Object.values(columns)
    .flat()
    .every((found) => found >= 0);
  if (!isWhole) refuseMissing({ ...columns, volume }, names, file);
  return { ...columns, volume, timeUnit: time.length === 1 ? namedUnit(plain[time[0]]) : undefined };
}

/** Date and time of day in two columns; undefined where they do not stand apart. */
function findTime(plain: readonly string[], sample: readonly string[]): readonly number[] | undefined {
  const date = plain.findIndex((name) => dateNames.includes(name));
  const clock = plain.findIndex((name) => clockNames.includes(name));
  if (date < 0 || clock < 0 || !/^\s*(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?|\d{4}|\d{6})\s*$/.test(sample[clock] ?? '')) return undefined;
  return [date, clock];
}

function namedUnit(name: string): EpochUnit | undefined {
  if (/(time|stamp|epoch|at)(ms|millis|milliseconds)$/.test(name)) return 'ms';
  if (/(time|stamp|epoch|at)(us|micros|microseconds)$/.test(name)) return 'µs';
  if (/(time|stamp|epoch|at)(ns|nanos|nanoseconds)$/.test(name)) return 'ns';
  return undefined;
}

function refuseDuplicates(names: readonly string[], plain: readonly string[], file: string): void {
  for (let i = 0; i < plain.length; i++) {
    const first = plain.indexOf(plain[i]);
    if (first === i || plain[i] === '' || !Object.values(aliases).some((list) => list.includes(plain[i]))) continue;
    throw new DataError(
      'DATA_FORMAT',
      `${file}: header has "${names[i]}" twice, in columns ${first + 1} and ${i + 1}; rename one, or name all columns with --columns (for those to leave out "-")`,
      { column: names[i] },
    );
  }
}

/** Says which columns are missing, and what was made of those that are there. */
function refuseMissing(found: Readonly<Record<Role, number | readonly number[]>>, names: readonly string[], file: string): never {
  const roles = Object.entries(found).map(([role, at]) => ({ role, at: [at].flat().filter((index) => index >= 0) }));
  const missing = roles.filter(({ role, at }) => at.length === 0 && role !== 'volume').map(({ role }) => role);
  const taken = roles.flatMap(({ role, at }) => at.map((index) => `"${names[index]}" as ${role}`));
  const takenAt = new Set(roles.flatMap(({ at }) => at));
  const left = names.filter((_, i) => !takenAt.has(i));
  const wanted = missing[0] === 'time' ? ['time', 'timestamp', 'date', 'datetime'] : [missing[0]];
  const near = wanted.map((name) => nearestName(name, left)).find((name) => name !== undefined);
  const hint = near === undefined ? '.' : `; did you mean "${near}"?`;
  const quoted = left.map((name) => `"${name}"`).join(', ') || 'none';
  throw new DataError(
    'DATA_FORMAT',
    `${file}: no column for ${missing.join(', ')}${hint} Read: ${taken.join(', ') || 'none'}; not read: ${quoted}. Name the columns with --columns time,open,high,low,close,volume ("-" leaves one out)`,
    { column: missing[0] },
  );
}

function nearestName(wanted: string, names: readonly string[]): string | undefined {
  return nearest(
    wanted,
    names.filter((name) => name.length > 2),
  );
}
