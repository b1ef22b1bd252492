/** Owns how a value that was found is told in an error. Never decides whether it is one. */

/** A number as it stands, a string in quotes: "47000" is not the 47000 that was expected. */
export function told(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A finite number above 0; what only looks like one would be taken for it by every comparison. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY;
}
