/** Owns figures over a moving window. Never computes a figure itself. */

/**
 * A figure of each full window of rows. length rows and the window's size → Float64Array[length − window + 1], empty where the window is longer;
 * figure gets the first row of the window and the row after its last.
 */
export function rolling(length: number, window: number, figure: (from: number, to: number) => number): Float64Array {
  const values = new Float64Array(Math.max(0, length - window + 1));
  for (let i = 0; i < values.length; i++) values[i] = figure(i, i + window);
  return values;
}
