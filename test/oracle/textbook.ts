/** The algorithms a user would write instead, in plain float64: what Evenkeel's must beat, and its tests must catch. */

export interface Estimate {
  readonly count: number;
  readonly mean: number;
  readonly m2: number;
}

export function welford(values: ArrayLike<number>): Estimate {
  let count = 0;
  let mean = 0;
  let m2 = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    count++;
    const delta = x - mean;
    mean += delta / count;
    m2 += delta * (x - mean);
  }
  return { count, mean, m2 };
}

export function sumOfSquares(values: ArrayLike<number>): Estimate {
  const count = values.length;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    sum += values[i]!;
    squares += values[i]! * values[i]!;
  }
  return { count, mean: sum / count, m2: squares - (sum * sum) / count };
}

export function twoPass(values: ArrayLike<number>): Estimate {
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  const mean = sum / count;
  let m2 = 0;
  for (let i = 0; i < count; i++) m2 += (values[i]! - mean) ** 2;
  return { count, mean, m2 };
}

/** Chan's merge, in one word. */
export function chan(a: Estimate, b: Estimate): Estimate {
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    m2: a.m2 + b.m2 + (delta * delta * a.count * b.count) / count,
  };
}
