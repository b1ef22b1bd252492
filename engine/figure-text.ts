/** Owns how figures and times are written in the engine's sentences. Never rounds what is kept as data. */

/** A figure without the noise of doubles, by its first eight digits and from a million on by cents; in full where it would read like the other figure of its sentence and is not. */
export function figureText(value: number, other = value): string {
  const text = shortened(value);
  // Far apart they cannot read alike.
  if (value === other || Math.abs(value - other) > 0.01 + Math.abs(value) * 1e-6) return text;
  return text === shortened(other) ? String(value) : text;
}

function shortened(value: number): string {
  const text = String(value);
  // Up to eight digits it is the value itself: a strategy without cash is refused at every bar.
  if (text.length <= 9) return text;
  return String(Number(Math.abs(value) < 1e6 ? value.toPrecision(8) : value.toFixed(2)));
}

/** A fraction as a percentage of at most four digits: 0.0311244 → "3.112%". */
export function percentText(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(4))}%`;
}

/** "2020-04-16 09:30" in UTC, with seconds only where there are any; "–" outside the years a date can hold. */
export function timeUtc(ms: number): string {
  const iso = isoUtc(ms);
  if (iso === '') return '–';
  const seconds = iso.slice(16, 19);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${seconds === ':00' ? '' : seconds}`;
}

/** '' for what is no time, or lies in a year of more than four digits. */
export function isoUtc(ms: number): string {
  if (!(Math.abs(ms) <= 8.64e15)) return '';
  const iso = new Date(ms).toISOString();
  return iso.length === 24 ? iso : '';
}
