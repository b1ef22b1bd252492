/**
 * Owns how figures are written for people. Never asks the machine for a locale or a time zone: the same run prints the same bytes everywhere.
 * Undefined figures (NaN) are printed as "–".
 */

import { isoUtc, timeUtc } from '../engine/figure-text.ts';
import type { Currency } from './currency.ts';

export { timeUtc };

export const undefinedMark = '–';
const minus = '−';
const dayMs = 86_400_000;

/** A number with so many decimals and thousands separators: −1,234.50. From 1e15 on as 1.235e15, since doubles no longer hold decimals there. */
export function fixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return undefinedMark;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`;
  const size = Math.abs(value);
  const text = size >= 1e15 ? size.toExponential(3).replace('e+', 'e') : grouped(size.toFixed(decimals));
  const isZero = !/[1-9]/.test(text);
  return value < 0 && !isZero ? minus + text : text;
}

/** As fixed(), with "+" before what is above zero. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** 0.1234 → "12.34%". */
export function percent(fraction: number, decimals = 2): string {
  return withUnit(fixed(fraction * 100, decimals), '%');
}

/** 0.1234 → "+12.34%". */
export function percentSigned(fraction: number, decimals = 2): string {
  return withUnit(signed(fraction * 100, decimals), '%');
}

/** An amount of a currency, without its name. */
export function money(value: number, { decimals }: Currency): string {
  return fixed(value, decimals);
}

/** "1 day", "2,000 days"; plural where it is another than by s. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${fixed(value, 0)} ${value === 1 ? noun : plural}`;
}

export function count(value: number): string {
  return fixed(value, Number.isInteger(value) ? 0 : 2);
}

/** A price: as many decimals as its tick needs, but no more than can matter at its height. */
export function price(value: number, tickDecimals: number): string {
  const size = Math.abs(value);
  const useful = size >= 100 ? 2 : size >= 1 ? 4 : 8;
  return fixed(value, Math.min(tickDecimals, useful));
}

/** A base quantity: up to 8 decimals, without trailing zeros. */
export function quantity(value: number): string {
  const text = fixed(value, 8);
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

/** Two units at most: "412 d", "3 d 4 h", "5 h 10 min", "45 s", "250 ms". */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return undefinedMark;
  if (!Number.isFinite(ms)) return '∞';
  if (ms < 0) return minus + duration(-ms);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  const days = Math.floor(ms / dayMs);
  return days < 10 ? pair(days, 'd', hours % 24, 'h') : `${grouped(String(days))} d`;
}

/** 2020-04-16; "–" outside the years a date can hold. */
export function dateUtc(ms: number): string {
  return isoUtc(ms).slice(0, 10) || undefinedMark;
}

/** The day alone where the time is midnight, else day and minute. */
export function momentUtc(ms: number): string {
  return ms % dayMs === 0 ? dateUtc(ms) : timeUtc(ms);
}

/**
 * First and last moment of a stretch [fromMs, toMs). Whole days are named by the first and last day in them, since "to 18 April" for a stretch that
 * ends at its first moment would name a day without a bar; all else by the minute.
 */
export function periodUtc(fromMs: number, toMs: number): readonly [from: string, to: string] {
  if (fromMs % dayMs === 0 && toMs % dayMs === 0) return [dateUtc(fromMs), dateUtc(Math.max(fromMs, toMs - 1))];
  return [timeUtc(fromMs), timeUtc(toMs)];
}

/** Times of closes as they are shown: where all are midnights (daily bars and longer) the day that ended there, not the one that begins. */
export function shownTimes(timeMs: Float64Array): Float64Array {
  return timeMs.every((time) => time % dayMs === 0) ? timeMs.map((time) => time - dayMs) : timeMs;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function withUnit(text: string, unit: string): string {
  return text === undefinedMark || text.endsWith('∞') ? text : text + unit;
}

/** Thousands separators in the part before the point. */
function grouped(digits: string): string {
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits : digits.slice(0, point);
  const rest = point < 0 ? '' : digits.slice(point);
  let text = '';
  for (let end = whole.length; end > 0; end -= 3) text = whole.slice(Math.max(0, end - 3), end) + (text === '' ? '' : `,${text}`);
  return text + rest;
}
