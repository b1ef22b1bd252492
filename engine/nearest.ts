/** Owns "did you mean": the nearest of some names to one mistyped. */

/** The candidate with the fewest edits from the text, at most a third of its length (and at least 2); undefined where none is near. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(text.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) > limit) continue;
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let k = 1; k <= right.length; k++) {
      const replace = previous[k - 1] + (left[i - 1] === right[k - 1] ? 0 : 1);
      current.push(Math.min(replace, previous[k] + 1, current[k - 1] + 1));
    }
    previous = current;
  }
  return previous[right.length];
}
