/** Owns the eigenvalues of a symmetric matrix. Never gives vectors. */

/**
 * Eigenvalues of a symmetric matrix in rising order. matrix: size × size by rows, overwritten; only its lower triangle is read. Householder's
 * tridiagonal form, then the implicit QL method: about 4/3 size³ operations. Exact to rounding of the largest; what is below 1e-150 counts as 0, as its
 * square does. A NaN anywhere → all NaN. Source: Golub & Van Loan, Matrix computations, 8.3; Wilkinson 1971.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  tridiagonalise(matrix, size, diagonal, beside);
  implicitQl(diagonal, beside);
  return diagonal.sort();
}

/** Leaves the tridiagonal form in diagonal[0..size) and beside[0..size − 1): beside[i] joins i and i + 1. Works from the last row up. */
function tridiagonalise(matrix: Float64Array, size: number, diagonal: Float64Array, beside: Float64Array): void {
  const image = new Float64Array(size);
  for (let last = size - 1; last >= 1; last--) {
    const row = last * size;
    let rest = 0;
    for (let j = 0; j < last - 1; j++) rest += matrix[row + j] * matrix[row + j];
    diagonal[last] = matrix[row + last];
    const corner = matrix[row + last - 1];
    if (rest === 0) {
      beside[last - 1] = corner;
      continue;
    }
    const square = rest + corner * corner;
    // The reflection turns the row into (0, …, 0, length); its sign keeps the subtraction from cancelling.
    const length = corner > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[last - 1] = length;
    matrix[row + last - 1] = corner - length;
    const half = square - corner * length;
    reflect(matrix, { size, last, half }, image);
  }
  diagonal[0] = matrix[0];
}

/** A ← A − v wᵀ − w vᵀ over the leading rows, lower triangle alone; v stands in the row `last`, half = vᵀv / 2. */
function reflect(matrix: Float64Array, { size, last, half }: { size: number; last: number; half: number }, image: Float64Array): void {
  const v = last * size;
  image.fill(0, 0, last);
  let along = 0;
  for (let i = 0; i < last; i++) {
    const row = i * size;
    const vi = matrix[v + i];
    let sum = matrix[row + i] * vi;
    for (let j = 0; j < i; j++) {
      sum += matrix[row + j] * matrix[v + j];
      image[j] += matrix[row + j] * vi;
    }
    image[i] += sum;
  }
  for (let i = 0; i < last; i++) {
    image[i] /= half;
    along += image[i] * matrix[v + i];
  }
  along /= 2 * half;
  for (let i = 0; i < last; i++) image[i] -= along * matrix[v + i];
  for (let i = 0; i < last; i++) {
    const row = i * size;
    const vi = matrix[v + i];
    const wi = image[i];
    for (let j = 0; j <= i; j++) matrix[row + j] -= vi * image[j] + wi * matrix[v + j];
  }
}

/** Turns the diagonal of a tridiagonal form into its eigenvalues; what stands beside it is used up. */
function implicitQl(diagonal: Float64Array, beside: Float64Array): void {
  const size = diagonal.length;
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(diagonal[i]), Math.abs(beside[i]));
  if (Number.isNaN(largest)) diagonal.fill(Number.NaN);
  const negligible = Math.max(1e-150, Number.EPSILON * largest);
  for (let first = 0; first < size; first++) {
    for (;;) {
      let end = first;
      while (end < size - 1 && Math.abs(beside[end]) > negligible) end++;
      if (end === first) break;
      sweep(diagonal, beside, first, end);
    }
  }
}

/** One sweep with Wilkinson's shift from `end` up to `first`. */
function sweep(diagonal: Float64Array, beside: Float64Array, first: number, end: number): void {
  const gap = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
  const root = Math.sqrt(gap * gap + 1);
  let bulge = diagonal[end] - diagonal[first] + beside[first] / (gap + (gap < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = end - 1; i >= first; i--) {
    const turned = sine * beside[i];
    const kept = cosine * beside[i];
    const length = Math.sqrt(turned * turned + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      // The form has come apart here: the next sweep starts with the smaller one.
      diagonal[i + 1] -= shift;
      beside[end] = 0;
      return;
    }
    sine = turned / length;
    cosine = bulge / length;
    const base = diagonal[i + 1] - shift;
    const moved = (diagonal[i] - base) * sine + 2 * cosine * kept;
    shift = sine * moved;
    diagonal[i + 1] = base + shift;
    bulge = cosine * moved - kept;
  }
  diagonal[first] -= shift;
  beside[first] = bulge;
  beside[end] = 0;
}
