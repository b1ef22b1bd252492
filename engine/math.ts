/**
 * Owns the functions whose last bit the language does not promise. Everything else in the engine and in strategies takes them from here,
 * so that there is one place to replace should two Node versions differ; the tidy test bans the natives elsewhere.
 */

/** e to the power of value. */
export const exp: (value: number) => number = Math.exp;
/** Natural logarithm; of a negative number NaN. */
export const log: (value: number) => number = Math.log;
/** base to the power of exponent. */
export const pow: (base: number, exponent: number) => number = Math.pow;
export const sin: (radians: number) => number = Math.sin;
export const cos: (radians: number) => number = Math.cos;
export const tan: (radians: number) => number = Math.tan;
export const atan: (value: number) => number = Math.atan;
export const tanh: (value: number) => number = Math.tanh;
