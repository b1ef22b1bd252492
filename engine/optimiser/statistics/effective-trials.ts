/**
 * Owns how many independent trials a set of correlated ones is worth. Never looks at how good they were.
 * The average correlation is the default: over noise it holds the deflated Sharpe ratio to its level, where the entropy rank, an order of magnitude smaller,
 * calls twice as many searches significant as it promises (figures in DECISIONS.md); and it costs one pass.
 */
import { exp, log } from '../../math.ts';
import { type ReturnColumns, rowCountOf } from './return-columns.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/**
 * Effective number of trials from their average correlation: ρ̄ + (1 − ρ̄)N, between 1 and the number of columns. A column that never moves took no
 * chance and is no trial; none that moves, or fewer than two rows → NaN. Time and memory grow as the columns do. Source: López de Prado & Bailey 2014,
 * The deflated Sharpe ratio, appendix A.3.
 */
export function trialsByAverageCorrelation(columns: ReturnColumns): number {
  const rowCount = rowCountOf(columns);
  const column = new Float64Array(rowCount);
  const total = new Float64Array(rowCount);
  let count = 0;
  for (let k = 0; k < columns.length; k++) {
    if (!standardise(columns[k], column)) continue;
    count++;
    for (let t = 0; t < rowCount; t++) total[t] += column[t];
  }
  if (count <= 1) return count === 1 ? 1 : Number.NaN;
  // Columns of unit length: the square of their sum holds every correlation twice, and the diagonal.
  let square = 0;
  for (let t = 0; t < rowCount; t++) square += total[t] * total[t];
  const correlation = (square - count) / (count * (count - 1));
  return Math.min(count, Math.max(1, correlation + (1 - correlation) * count));
}

/**
 * Effective number of trials as the entropy rank of their correlation matrix: e to the entropy of its eigenvalues, each over their sum. Between 1 and the
 * smaller of columns and rows; columns that never move and NaN as in trialsByAverageCorrelation. Takes columns × rows × the smaller of the two
 * operations. Source: Roy & Vetterli 2007, The effective rank.
 */
export function trialsByEntropyRank(columns: ReturnColumns): number {
  const rowCount = rowCountOf(columns);
  const standardised = new Float64Array(columns.length * rowCount);
  let count = 0;
  for (let k = 0; k < columns.length; k++) {
    if (standardise(columns[k], standardised.subarray(count * rowCount, (count + 1) * rowCount))) count++;
  }
  if (count === 0) return Number.NaN;
  // The products of the rows have the same eigenvalues as those of the columns, but for zeros.
  const vectors = count <= rowCount ? standardised : transposed(standardised, count, rowCount);
  const [size, length] = count <= rowCount ? [count, rowCount] : [rowCount, count];
  const eigenvalues = symmetricEigenvalues(products(vectors, size, length), size);
  let entropy = 0;
  for (let i = 0; i < size; i++) {
    const share = eigenvalues[i] / count;
    if (share > 0) entropy -= share * log(share);
  }
  return exp(entropy);
}

/**
 * Writes a column less its mean, of unit length; false where it does not move or holds a NaN. The mean comes from differences to the first value, so that
 * equal values have theirs exactly.
 */
function standardise(values: Float64Array, target: Float64Array): boolean {
  const count = values.length;
  let sum = 0;
  for (let t = 0; t < count; t++) sum += values[t] - values[0];
  const centre = values[0] + sum / count;
  let square = 0;
  for (let t = 0; t < count; t++) {
    target[t] = values[t] - centre;
    square += target[t] * target[t];
  }
  const length = Math.sqrt(square);
  if (!(length > 0)) return false;
  for (let t = 0; t < count; t++) target[t] /= length;
  return true;
}

function transposed(vectors: Float64Array, count: number, length: number): Float64Array {
  const target = new Float64Array(count * length);
  for (let i = 0; i < count; i++) for (let j = 0; j < length; j++) target[j * count + i] = vectors[i * length + j];
  return target;
}

/** Lower triangle of the products of size vectors with one another, four at a time so that each is read from memory a quarter as often. */
function products(vectors: Float64Array, size: number, length: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * length;
    let j = 0;
    for (; j + 4 <= i + 1; j += 4) {
      const at0 = j * length;
      const at1 = at0 + length;
      const at2 = at1 + length;
      const at3 = at2 + length;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let t = 0; t < length; t++) {
        const value = vectors[row + t];
        sum0 += value * vectors[at0 + t];
        sum1 += value * vectors[at1 + t];
        sum2 += value * vectors[at2 + t];
        sum3 += value * vectors[at3 + t];
      }
      matrix[i * size + j] = sum0;
      matrix[i * size + j + 1] = sum1;
      matrix[i * size + j + 2] = sum2;
      matrix[i * size + j + 3] = sum3;
    }
    for (; j <= i; j++) {
      let sum = 0;
      for (let t = 0; t < length; t++) sum += vectors[row + t] * vectors[j * length + t];
      matrix[i * size + j] = sum;
    }
  }
  return matrix;
}
