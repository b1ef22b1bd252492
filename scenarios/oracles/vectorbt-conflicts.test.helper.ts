/** Owns the arguments of the tables of conflicting signals, which the file of tables leaves out: three rows of signals, seven or ten ways to read them. */

/** One row of signals for seven columns: all on, or on but for the fifth and the seventh. */
const all = Array(7).fill(true);
const some = [true, true, true, true, false, true, false];
const inverse = (row: readonly boolean[]): boolean[] => row.map((signal) => !signal);
const conflict = (name: string, modes: readonly string[]) => ({
  close: [1, 2, 3],
  entries: [all, some, all],
  exits: [all, inverse(some), all],
  size: 1,
  accumulate: true,
  [name]: [modes],
});
const alternating = [true, false, true, false, true, false, true, false, true, false];
const opposite = {
  close: [1, 2, 3],
  entries: [alternating, inverse(alternating), alternating],
  exits: [inverse(alternating), alternating, inverse(alternating)],
  size: 1,
  upon_opposite_entry: [
    ['ignore', 'ignore', 'close', 'close', 'closereduce', 'closereduce', 'reverse', 'reverse', 'reversereduce', 'reversereduce'],
  ],
};

export const conflictArguments: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  test_upon_long_conflict: conflict('upon_long_conflict', ['ignore', 'entry', 'exit', 'adjacent', 'adjacent', 'opposite', 'opposite']),
  test_upon_short_conflict: conflict('upon_short_conflict', ['ignore', 'entry', 'exit', 'adjacent', 'adjacent', 'opposite', 'opposite']),
  test_upon_dir_conflict: conflict('upon_dir_conflict', ['ignore', 'long', 'short', 'adjacent', 'adjacent', 'opposite', 'opposite']),
  test_upon_opposite_entry: opposite,
};
