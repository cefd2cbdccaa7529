/**
 * Statistics into statistics: Welford's update of a mean and M2, and its generalization to merging any two.
 *
 * Sources: B. P. Welford, Technometrics 4 (1962), doi:10.1080/00401706.1962.10490022; T. F. Chan, G. H. Golub,
 * R. J. LeVeque, Am. Stat. 37 (1983), doi:10.1080/00031305.1983.10483115.
 */
import { add, divide, low, multiply, SPLITTER } from './double-double.js';
import { COUNT, COUNT_LOW, M2, M2_LOW, MEAN, MEAN_LOW, PLANES } from './planes.js';

/** Beyond this a squared deviation leaves the range of float64: M2 saturates at Infinity, the mean stays right. */
export const WIDE: number = 2 ** 500;

/**
 * Merges statistic b into statistic a, channel by channel. A sample is the statistic of one value: its weight as the
 * count, itself as the mean, no M2; so this is Welford's update, the minibatch update and Chan's merge in one.
 *
 * The arithmetic is written out: calls would box every number. Deviations are taken in two words, so the mean gains to
 * 2^-100; the terms of M2 are positive and single words suffice for each, with a compensated sum over all.
 */
export function mergeMoments(a: Float64Array, b: Float64Array, c: number): void {
  let count = 0;
  let countLow = 0;
  let n = 0;
  let nLow = 0;
  let total = 0;
  let totalLow = 0;
  let ratio = 0;
  let ratioLow = 0;
  let r1 = 0;
  let r2 = 0;
  for (let i = 0; i < c; i++) {
    const iCountLow = i + COUNT_LOW * c;
    const iMean = i + MEAN * c;
    const iMeanLow = i + MEAN_LOW * c;
    const iM2 = i + M2 * c;
    const iM2Low = i + M2_LOW * c;
    if (b[i] === 0) continue;
    if (a[i] === 0) {
      for (let at = i; at < PLANES * c; at += c) a[at] = b[at]!;
      continue;
    }
    // The counts, mostly the same in all channels: total = count + n and ratio = n / total, in two words.
    if (a[i] !== count || a[iCountLow] !== countLow || b[i] !== n || b[iCountLow] !== nLow) {
      count = a[i]!;
      countLow = a[iCountLow]!;
      n = b[i]!;
      nLow = b[iCountLow]!;
      total = add(count, countLow, n, nLow);
      totalLow = low[0]!;
      ratio = divide(n, nLow, total, totalLow);
      ratioLow = low[0]!;
      const t = SPLITTER * ratio;
      r1 = t - (t - ratio);
      r2 = ratio - r1;
    }
    const mean = a[iMean]!;
    const meanLow = a[iMeanLow]!;
    const other = b[iMean]!;

    // delta = other - mean
    const d = other - mean;
    const dv = d - other;
    const de = other - (d - dv) - (mean + dv) + (b[iMeanLow]! - meanLow);
    const delta = d + de;
    const dw = delta - d;
    const deltaLow = d - (delta - dw) + (de - dw);
    if (!(Math.abs(delta) < WIDE)) {
      mergeWide(a, b, c, i, ratio, ratioLow);
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

    // M2 + other M2 + delta² * ratio * count
    const between = step * delta * count;
    const own = a[iM2]!;
    const foreign = b[iM2]!;
    const s = own + foreign;
    const sv = s - own;
    const se = own - (s - sv) + (foreign - sv);
    const u = s + between;
    const uv = u - s;
    const ue = s - (u - uv) + (between - uv) + (se + (a[iM2Low]! + b[iM2Low]!));
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

/** A power of two by which the widest means shrink until their difference, and its halves, stay in range. */
const SHRINK = 2 ** -64;

/** The merge of a channel whose squared deviation leaves float64, where differences of the means may overflow too. */
function mergeWide(
  a: Float64Array,
  b: Float64Array,
  c: number,
  i: number,
  ratio: number,
  ratioLow: number,
): void {
  const mean = a[i + MEAN * c]! * SHRINK;
  const meanLow = a[i + MEAN_LOW * c]! * SHRINK;
  const delta = add(b[i + MEAN * c]! * SHRINK, b[i + MEAN_LOW * c]! * SHRINK, -mean, -meanLow);
  const step = multiply(delta, low[0]!, ratio, ratioLow);
  a[i + MEAN * c] = add(mean, meanLow, step, low[0]!) / SHRINK;
  a[i + MEAN_LOW * c] = low[0]! / SHRINK;
  const root = (delta / SHRINK) * Math.sqrt(a[i]! * ratio);
  const within = add(a[i + M2 * c]!, a[i + M2_LOW * c]!, b[i + M2 * c]!, b[i + M2_LOW * c]!);
  const m2 = add(within, low[0]!, root * root, 0);
  const inRange = m2 < Infinity; // as above
  a[i + M2 * c] = inRange ? m2 : Infinity;
  a[i + M2_LOW * c] = inRange ? low[0]! : 0;
  a[i + COUNT * c] = add(a[i]!, a[i + COUNT_LOW * c]!, b[i]!, b[i + COUNT_LOW * c]!);
  a[i + COUNT_LOW * c] = low[0]!;
}
