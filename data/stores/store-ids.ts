/** Owns how stored things are called: the second they were made in, in UTC, and the start of a hash; a number behind it where that is taken. */

export const idPattern = /^\d{8}-\d{6}-[0-9a-f]{8}(-\d+)?$/;

/** The id that a thing would have by itself; attempt: 1, and one more each time that the one before is taken. */
export function idOf(createdAtMs: number, hash: string, attempt: number): string {
  // "20261122-215103".
  const stamp = new Date(createdAtMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${stamp}-${hash.slice(0, 8)}${attempt === 1 ? '' : `-${attempt}`}`;
}
