/**
 * A row into a statistic: Welford's update. It is the merge of the statistic of one value a channel, bit for bit, without
 * what is 0 there.
 *
 * Source: B. P. Welford, Technometrics 4 (1962), doi:10.1080/00401706.1962.10490022.
 */
import { add, divide, low, SPLITTER } from './double-double.js';
import { mergeMoments, WIDE } from './merge-moments.js';
import { COUNT_LOW, M2, M2_LOW, MEAN, MEAN_LOW, PLANES } from './planes.js';

/**
 * Takes a row of c values, finite or NaN (missing), into statistic a; each counts `weight` times.
 *
 * The arithmetic is written out, as in the merge, which says why.
 */
export function updateMoments(a: Float64Array, row: Float64Array, weight: number, c: number): void {
  if (weight === 0) return;
  let count = 0;
  let countLow = 0;
  let total = 0;
  let totalLow = 0;
  let ratio = 0;
  let ratioLow = 0;
  let r1 = 0;
  let r2 = 0;
  for (let i = 0; i < c; i++) {
    const x = row[i]!;
    if (Number.isNaN(x)) continue;
    const iCountLow = i + COUNT_LOW * c;
    const iMean = i + MEAN * c;
    const iMeanLow = i + MEAN_LOW * c;
    const iM2 = i + M2 * c;
    const iM2Low = i + M2_LOW * c;
    if (a[i] === 0) {
      for (let at = i; at < PLANES * c; at += c) a[at] = 0;
      a[i] = weight;
      a[iMean] = x;
      continue;
    }
    // The counts, mostly the same in all channels: total = count + weight and ratio = weight / total, in two words.
    if (a[i] !== count || a[iCountLow] !== countLow) {
      count = a[i]!;
      countLow = a[iCountLow]!;
      total = add(count, countLow, weight, 0);
      totalLow = low[0]!;
      ratio = divide(weight, 0, total, totalLow);
      ratioLow = low[0]!;
      const t = SPLITTER * ratio;
      r1 = t - (t - ratio);
      r2 = ratio - r1;
    }
    const mean = a[iMean]!;
    const meanLow = a[iMeanLow]!;

    // delta = x - mean
    const d = x - mean;
    const dv = d - x;
    const de = x - (d - dv) - (mean + dv) + (0 - meanLow);
    const delta = d + de;
    const dw = delta - d;
    const deltaLow = d - (delta - dw) + (de - dw);
    if (!(Math.abs(delta) < WIDE)) {
      updateWide(a, x, weight, c, i);
      continue;
    }

    // mean + delta * ratio
    const step = delta * ratio;
    const t = SPLITTER * delta;
    const d1 = t - (t - delta);
    const d2 = delta - d1;
    const stepLow = d2 * r2 - (step - d1 * r1 - d2 * r1 - d1 * r2) + (delta * ratioLow + deltaLow * ratio);
    const m = mean + step;
    const mv = m - mean;
    const me = mean - (m - mv) + (step - mv) + (meanLow + stepLow);
    const meanNext = m + me;

    // M2 + delta² * ratio * count
    const between = step * delta * count;
    const own = a[iM2]!;
    const u = own + between;
    const uv = u - own;
    const ue = own - (u - uv) + (between - uv) + a[iM2Low]!;
    const m2 = u + ue;

    a[i] = total;
    a[iCountLow] = totalLow;
    a[iMean] = meanNext;
    a[iMeanLow] = me - (meanNext - m);
    const inRange = m2 < Infinity; // not so where it overflowed, or was NaN from Infinity - Infinity
    a[iM2] = inRange ? m2 : Infinity;
    a[iM2Low] = inRange ? ue - (m2 - u) : 0;
  }
}

/** Channel i, where the squared deviation leaves float64. */
function updateWide(a: Float64Array, x: number, weight: number, c: number, i: number): void {
  const channel = a.filter((_, at) => at % c === i);
  mergeMoments(channel, Float64Array.of(weight, 0, x, 0, 0, 0), 1);
  for (let plane = 0; plane < PLANES; plane++) a[plane * c + i] = channel[plane]!;
}
