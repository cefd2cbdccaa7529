/** Averages that move: from where they are, part of the way towards what comes. */
import { add, LARGE, low, multiply, SPLITTER } from './double-double.js';

/**
 * (1 - part) * a + part * b, each in two words, the low one in `low[0]`: as a step from the one that weighs more towards the
 * other, so that what stays the same is reached, and kept, to the last bit. What is left over from before would be many sds
 * of a channel that has become constant.
 */
export function between(
  a: number,
  aLow: number,
  b: number,
  bLow: number,
  part: number,
  partLow: number,
): number {
  if (part > 0.5) {
    const rest = add(1, 0, -part, -partLow);
    return between(b, bLow, a, aLow, rest, low[0]!);
  }
  if (part === 0) {
    low[0] = aLow;
    return a;
  }
  if (a === Infinity || b === Infinity) {
    low[0] = 0;
    return Infinity; // as a variance may be
  }
  const half = add(b / 2, bLow / 2, -a / 2, -aLow / 2); // the whole may leave float64
  const step = multiply(half, low[0]!, 2 * part, 2 * partLow);
  return add(a, aLow, step, low[0]!);
}

/**
 * Moves c values, in two words each at `high` and `lower` of s on, towards those at `toHigh` of `to` on: by `between`, to the
 * bit, which is written out, as calls would box every number.
 *
 * @param toLower where what those leave over is, if they do
 * @param parts how far, shape `[c]`, and what that leaves over: 0, where a value stays
 */
export function approach(
  s: Float64Array,
  high: number,
  lower: number,
  c: number,
  to: Float64Array,
  toHigh: number,
  toLower: number | undefined,
  parts: Float64Array,
  partLows: Float64Array,
): void {
  for (let i = 0; i < c; i++) {
    const part = parts[i]!;
    if (part === 0) continue;
    const partLow = partLows[i]!;
    const a = s[high + i]!;
    const aLow = s[lower + i]!;
    const b = to[toHigh + i]!;
    const bLow = toLower === undefined ? 0 : to[toLower + i]!;
    if (!(part <= 0.5 && Math.abs(a) < LARGE && Math.abs(b) < LARGE)) {
      s[high + i] = between(a, aLow, b, bLow, part, partLow);
      s[lower + i] = low[0]!;
      continue;
    }

    // half of b - a
    const from = -a / 2;
    const fromLow = -aLow / 2;
    const h = b / 2;
    const hLow = bLow / 2;
    const d = h + from;
    const db = d - h;
    const de = h - (d - db) + (from - db);
    const l = hLow + fromLow;
    const lb = l - hLow;
    const le = hLow - (l - lb) + (fromLow - lb);
    const dl = de + l;
    const dv = d + dl;
    const dw = le + (dl - (dv - d));
    const half = dv + dw;
    const halfLow = dw - (half - dv);

    // times twice the part
    const twice = 2 * part;
    const p = half * twice;
    const ht = SPLITTER * half;
    const h1 = ht - (ht - half);
    const h2 = half - h1;
    const pt = SPLITTER * twice;
    const p1 = pt - (pt - twice);
    const p2 = twice - p1;
    const pe = h2 * p2 - (p - h1 * p1 - h2 * p1 - h1 * p2) + (half * (2 * partLow) + halfLow * twice);
    const step = p + pe;
    const stepLow = pe - (step - p);

    // a + that
    const m = a + step;
    const mb = m - a;
    const me = a - (m - mb) + (step - mb);
    const r = aLow + stepLow;
    const rb = r - aLow;
    const re = aLow - (r - rb) + (stepLow - rb);
    const mr = me + r;
    const mv = m + mr;
    const mw = re + (mr - (mv - m));
    const next = mv + mw;
    s[high + i] = next;
    s[lower + i] = mw - (next - mv);
  }
}
