/**
 * How likely two samples are to differ as much as these do if they came from the same distribution: the two-sided U test of
 * Mann and Whitney, by its normal approximation, which holds from some twenty values on.
 */
export function mannWhitney(one: readonly number[], other: readonly number[]): number {
  const [n, m] = [one.length, other.length];
  const ranks = ranksOf([...one, ...other]);
  const sum = ranks.slice(0, n).reduce((total, rank) => total + rank, 0);
  const u = sum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  const z = Math.abs(u - (n * m) / 2) / deviation;
  return 2 * (1 - normal(z));
}

/** Places in order, from one; equal values share the middle of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}

/** The standard normal distribution (Abramowitz and Stegun 26.2.17, to seven digits). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const tail =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - density * tail;
}
