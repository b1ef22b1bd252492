/** Owns how values of parameters are written for people. Never rounds what is kept as data. */
import type { ParameterValue } from '../engine/optimiser/search-space.ts';
import type { ParameterValues } from '../engine/parameters.ts';
import { fixed } from './format.ts';

/** A value of a parameter as people read it: no more than so many digits of a number that was drawn. */
export function valueText(value: ParameterValue, digits = 5): string {
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? fixed(value, 0) : rounded(value, digits).replace('-', '−');
}

/** "fast=5 slow=26.901", as --set writes values. */
export function setText(parameters: ParameterValues): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${typeof value === 'number' && !Number.isInteger(value) ? rounded(value, 5) : String(value)}`)
    .join(' ');
}

function rounded(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
