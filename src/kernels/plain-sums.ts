/** The sums of the moments in plain TypeScript. */
import type { FloatArray } from '../tensor.js';
import {
  BLOCK,
  COUNT,
  planeLength,
  SHIFT,
  SHIFT_ROWS,
  SQUARES,
  SQUARES_LOW,
  STRETCH,
  SUM,
  SUM_LOW,
  SUM_PLANES,
} from './sums.js';

/** What s + x = t leaves over. Source: D. E. Knuth, TAOCP 2, 4.2.2. */
function rest(s: number, x: number, t: number): number {
  const part = t - s;
  return s - (t - part) + (x - part);
}

/** The first value, and the mean of what the first few are beyond it: exactly the value where they are all the same. */
function shiftOf(x: FloatArray, at: number, rows: number, step: number, gaps: boolean): number {
  let first = x[at]!;
  if (gaps && Number.isNaN(first)) first = 0;
  let sum = 0;
  let count = 0;
  for (let row = 0; row < rows; row++, at += step) {
    const value = x[at]!;
    if (gaps && Number.isNaN(value)) continue;
    sum += value - first;
    count++;
  }
  return first + sum / Math.max(count, 1);
}

/**
 * Adds n rows of c values to the sums. Rows are taken four at a time. Values of float64 are summed with compensation one by
 * one; of float32, which leaves 29 bits of a float64 free, by fours.
 */
function sumRows(
  x: FloatArray,
  start: number,
  n: number,
  c: number,
  planes: Float64Array,
  stride: number,
  gaps: boolean,
): void {
  const isNarrow = x.BYTES_PER_ELEMENT === 4;
  for (let block = 0; block < n; block += BLOCK) {
    const rows = Math.min(n - block, BLOCK);
    for (let i = 0; i < c; i++) {
      const shift = planes[SHIFT * stride + i]!;
      let sum = planes[SUM * stride + i]!;
      let low = planes[SUM_LOW * stride + i]!;
      let count = planes[COUNT * stride + i]!;
      let squares = 0;
      let row = 0;
      let at = start + block * c + i;
      for (; row + 4 <= rows; row += 4, at += 4 * c) {
        let a = x[at]!;
        let b = x[at + c]!;
        let d = x[at + 2 * c]!;
        let e = x[at + 3 * c]!;
        let ua = a - shift;
        let ub = b - shift;
        let ud = d - shift;
        let ue = e - shift;
        if (gaps) {
          if (Number.isNaN(a)) a = ua = 0;
          else count++;
          if (Number.isNaN(b)) b = ub = 0;
          else count++;
          if (Number.isNaN(d)) d = ud = 0;
          else count++;
          if (Number.isNaN(e)) e = ue = 0;
          else count++;
        }
        if (isNarrow) {
          const four = a + b + (d + e);
          const next = sum + four;
          low += rest(sum, four, next);
          sum = next;
        } else {
          const ta = sum + a;
          const tb = ta + b;
          const td = tb + d;
          const te = td + e;
          low += rest(sum, a, ta) + rest(ta, b, tb) + (rest(tb, d, td) + rest(td, e, te));
          sum = te;
        }
        squares += ua * ua + ub * ub + (ud * ud + ue * ue);
      }
      for (; row < rows; row++, at += c) {
        const value = x[at]!;
        if (gaps) {
          if (Number.isNaN(value)) continue;
          count++;
        }
        const next = sum + value;
        low += rest(sum, value, next);
        sum = next;
        const u = value - shift;
        squares += u * u;
      }
      planes[SUM * stride + i] = sum;
      planes[SUM_LOW * stride + i] = low;
      planes[COUNT * stride + i] = count;
      addTo(planes, SQUARES, stride, i, squares);
    }
  }
}

/** Adds to what is held in two words. */
function addTo(planes: Float64Array, plane: number, stride: number, i: number, x: number): void {
  const sum = planes[plane * stride + i]!;
  const next = sum + x;
  planes[plane * stride + i] = next;
  planes[(plane + 1) * stride + i]! += rest(sum, x, next);
}

/** A run is summed as rows of so many, here. */
const LANES = 4;
const lanes = new Float64Array(LANES * SUM_PLANES);

function sumLanes(plane: number): number {
  const at = plane * LANES;
  return lanes[at]! + lanes[at + 1]! + (lanes[at + 2]! + lanes[at + 3]!);
}

function sumRun(
  x: FloatArray,
  start: number,
  l: number,
  planes: Float64Array,
  stride: number,
  i: number,
  gaps: boolean,
): void {
  const shift = planes[SHIFT * stride + i]!;
  for (let done = 0; done < l; done += STRETCH) {
    const length = Math.min(l - done, STRETCH);
    const at = start + done;
    lanes.fill(0);
    lanes.fill(shift, 0, LANES);
    sumRows(x, at, Math.floor(length / LANES), LANES, lanes, LANES, gaps);
    for (let lane = 0; lane < LANES; lane++) addTo(planes, SUM, stride, i, lanes[LANES * SUM + lane]!);
    addTo(planes, SQUARES, stride, i, sumLanes(SQUARES));
    planes[SUM_LOW * stride + i]! += sumLanes(SUM_LOW);
    planes[SQUARES_LOW * stride + i]! += sumLanes(SQUARES_LOW);
    planes[COUNT * stride + i]! += sumLanes(COUNT);
    for (let left = length - (length % LANES); left < length; left++) {
      const value = x[at + left]!;
      if (gaps && Number.isNaN(value)) continue;
      addTo(planes, SUM, stride, i, value);
      addTo(planes, SQUARES, stride, i, (value - shift) * (value - shift));
      planes[COUNT * stride + i]!++;
    }
  }
}

let spare = new Float64Array(0);

/** As the contract has it. */
export function sums(
  x: FloatArray,
  n: number,
  c: number,
  l: number,
  gaps: boolean,
  about?: Float64Array,
): Float64Array {
  const stride = planeLength(c);
  if (spare.length < SUM_PLANES * stride) spare = new Float64Array(SUM_PLANES * stride);
  const planes = spare.fill(0, 0, SUM_PLANES * stride);
  const [rows, step] = l === 1 ? [n, c] : [l, 1];
  for (let i = 0; i < c; i++) {
    planes[i] = about ? about[i]! : shiftOf(x, i * l, Math.min(rows, SHIFT_ROWS), step, gaps);
  }
  if (l === 1) sumRows(x, 0, n, c, planes, stride, gaps);
  else for (let at = 0; at < x.length; at += l) sumRun(x, at, l, planes, stride, (at / l) % c, gaps);
  if (!gaps) planes.fill(n * l, COUNT * stride, COUNT * stride + c);
  return planes;
}
