/**
 * Data on which float64 statistics are known to fail: a large offset beside a small spread. Deterministic, so that a
 * figure that is printed can be printed again.
 */

/** mulberry32: uniform in [0, 1), from a 32-bit seed. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
export function gaussian(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

const alternating = (first: number, odd: number, even: number): Float64Array =>
  Float64Array.from({ length: 1001 }, (_, i) => (i === 0 ? first : i % 2 === 1 ? odd : even));

/** NIST StRD, univariate, "numerical accuracy": as their pages describe them. */
export const numAcc1 = (): Float64Array => Float64Array.of(10000001, 10000003, 10000002);
export const numAcc2 = (): Float64Array => alternating(1.2, 1.1, 1.3);
export const numAcc3 = (): Float64Array => alternating(1000000.2, 1000000.1, 1000000.3);
export const numAcc4 = (): Float64Array => alternating(10000000.2, 10000000.1, 10000000.3);

/** Gaussian noise of sd 1 around a mean. */
export function noiseAround(mean: number, n: number, seed: number): Float64Array {
  const noise = gaussian(seed);
  return Float64Array.from({ length: n }, () => mean + noise());
}

/** One reading a step, in milliseconds since the epoch, with a millisecond's jitter. */
export function epochRamp(n: number, step: number, seed: number): Float64Array {
  const next = uniform(seed);
  return Float64Array.from({ length: n }, (_, i) => 1.7e12 + i * step + next());
}

/** A first sample far out, then noise of sd 1. */
export function outlierFirst(outlier: number, n: number, seed: number): Float64Array {
  const values = noiseAround(0, n, seed);
  values[0] = outlier;
  return values;
}

export interface HardData {
  readonly name: string;
  readonly values: Float64Array;
}

/** The named sets, `n` values each where their size is not given by their definition. */
export function hardData(n: number): HardData[] {
  return [
    { name: 'NumAcc1', values: numAcc1() },
    { name: 'NumAcc2', values: numAcc2() },
    { name: 'NumAcc3', values: numAcc3() },
    { name: 'NumAcc4', values: numAcc4() },
    { name: 'mean/sd 1e6', values: noiseAround(1e6, n, 1) },
    { name: 'mean/sd 1e9', values: noiseAround(1e9, n, 2) },
    { name: 'epoch ms, 1 ms apart', values: epochRamp(n, 1, 3) },
    { name: 'outlier 1e9 first', values: outlierFirst(1e9, n, 4) },
    { name: 'zero mean', values: noiseAround(0, n, 5) },
  ];
}
