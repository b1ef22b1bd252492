/** Owns how a moment is written by a user, in scenarios and on the command line. Never asks the machine for a time zone. */

/** Milliseconds UTC of an ISO date or time without offset or with Z; NaN for anything else, impossible dates included. */
export function utcMsOf(value: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?Z?)?$/.exec(value);
  if (!match) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? '0'));
  const milliseconds = Number((match[7] ?? '0').padEnd(3, '0'));
  const isClockTime = hour < 24 && minute < 60 && second < 60;
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  const back = new Date(timeMs);
  return isClockTime && year >= 1000 && back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? timeMs : Number.NaN;
}
