/** What one writes by hand behind `bufferCount`: mean and biased variance of each feature, then every row mapped. */

const eps = 1e-5;

export function zScore(rows: readonly (readonly number[])[]): number[][] {
  const features = rows[0]!.length;
  const mean: number[] = [];
  const scale: number[] = [];
  for (let i = 0; i < features; i++) {
    let sum = 0;
    for (const row of rows) sum += row[i]!;
    mean.push(sum / rows.length);
    let squares = 0;
    for (const row of rows) squares += (row[i]! - mean[i]!) ** 2;
    scale.push(1 / Math.sqrt(squares / rows.length + eps));
  }
  return rows.map((row) => row.map((x, i) => (x - mean[i]!) * scale[i]!));
}

/** The same of samples with named features, as objects again. */
export function zScoreByName<K extends string>(
  samples: readonly Readonly<Record<K, number>>[],
  names: readonly K[],
): Record<K, number>[] {
  const scaled = samples.map(() => ({}) as Record<K, number>);
  for (const name of names) {
    let sum = 0;
    for (const sample of samples) sum += sample[name];
    const mean = sum / samples.length;
    let squares = 0;
    for (const sample of samples) squares += (sample[name] - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / samples.length + eps);
    for (let i = 0; i < samples.length; i++) scaled[i]![name] = (samples[i]![name] - mean) * scale;
  }
  return scaled;
}
