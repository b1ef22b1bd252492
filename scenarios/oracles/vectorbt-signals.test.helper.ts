/**
 * Owns vectorbt's signals: how entries and exits on one row, for a position as it stands, become one order. Pure; its names and modes are theirs.
 */
import type { Arguments, Direction, SizeType } from './vectorbt.test.helper.ts';
import type { Ask } from './vectorbt-desk.test.helper.ts';

export interface Signals {
  longEntry: boolean;
  longExit: boolean;
  shortEntry: boolean;
  shortExit: boolean;
  /** Whether entries add to a position and exits take from it, or each is all there is. */
  adds: boolean;
  removes: boolean;
}

/** What a row's signals come to, where entries and exits are read in this direction. */
export function signalsOf(args: Arguments, row: number, column: number, position: number): Signals {
  const isOn = (name: string, otherwise: readonly boolean[]) => Boolean(args.has(name) ? args.at(name, row, column) : otherwise[row]);
  const entry = isOn('entries', [true, true, true, false, false]);
  const exit = isOn('exits', [false, false, true, true, true]);
  const accumulation = args.text('accumulate', column, 'disabled');
  const { direction } = args;
  const signals: Signals = {
    longEntry: direction !== 'shortonly' && entry,
    longExit: direction === 'longonly' && exit,
    shortEntry: direction === 'shortonly' ? entry : direction === 'both' && exit,
    shortExit: direction === 'shortonly' && exit,
    adds: accumulation === 'true' || accumulation === 'both' || accumulation === 'addonly',
    removes: accumulation === 'true' || accumulation === 'both' || accumulation === 'removeonly',
  };
  const mode = (name: string) => args.text(name, column, 'ignore');
  [signals.longEntry, signals.longExit] = settled(signals.longEntry, signals.longExit, mode('upon_long_conflict'), position);
  [signals.shortEntry, signals.shortExit] = settled(signals.shortEntry, signals.shortExit, mode('upon_short_conflict'), -position);
  [signals.longEntry, signals.shortEntry] = directed(signals.longEntry, signals.shortEntry, mode('upon_dir_conflict'), position);
  opposed(signals, args.text('upon_opposite_entry', column, 'reversereduce'), position);
  return signals;
}

/** An entry and an exit of one direction; own: the position counted in it. */
function settled(entry: boolean, exit: boolean, mode: string, own: number): [boolean, boolean] {
  if (!entry || !exit) return [entry, exit];
  if (mode === 'entry') return [true, false];
  if (mode === 'exit') return [false, true];
  if (own === 0) return [false, false];
  return mode === 'adjacent' ? [true, false] : mode === 'opposite' ? [false, true] : [false, false];
}

/** An entry of each direction. */
function directed(long: boolean, short: boolean, mode: string, position: number): [boolean, boolean] {
  if (!long || !short) return [long, short];
  if (mode === 'long') return [true, false];
  if (mode === 'short') return [false, true];
  if (position === 0 || mode === 'ignore') return [false, false];
  return position > 0 === (mode === 'adjacent') ? [true, false] : [false, true];
}

/** An entry against the position held. */
function opposed(signals: Signals, mode: string, position: number): void {
  const isOpposed = position > 0 ? signals.shortEntry : position < 0 && signals.longEntry;
  if (!isOpposed) return;
  if (mode === 'ignore' || mode.startsWith('close')) {
    if (position > 0) signals.shortEntry = false;
    else signals.longEntry = false;
  }
  if (mode.startsWith('close')) {
    if (position > 0) signals.longExit = true;
    else signals.shortExit = true;
  }
  if (mode === 'close' || mode === 'reverse') {
    signals.adds = false;
    signals.removes = false;
  }
}

/** The order of a row; null for none. */
export function askOf(signals: Signals, position: number, size: number, sizeType: SizeType, price: number): Ask | null {
  if (position === 0) {
    if (signals.longEntry) return { size, sizeType, direction: 'both' };
    return signals.shortEntry ? { size: -size, sizeType, direction: 'both' } : null;
  }
  const side = position > 0 ? 1 : -1;
  const own: Direction = position > 0 ? 'longonly' : 'shortonly';
  const against = position > 0 ? signals.shortEntry : signals.longEntry;
  const exit = position > 0 ? signals.longExit : signals.shortExit;
  const further = position > 0 ? signals.longEntry : signals.shortEntry;
  if (against) {
    if (signals.removes) return { size: -side * size, sizeType, direction: 'both' };
    const units = sizeType === 'value' ? size / price : size;
    return { size: -side * (Math.abs(position) + units), sizeType: 'amount', direction: 'both' };
  }
  if (exit) {
    if (signals.removes) return { size: -side * size, sizeType, direction: own };
    return { size: -position, sizeType: 'amount', direction: own };
  }
  return further && signals.adds ? { size: side * size, sizeType, direction: own } : null;
}
