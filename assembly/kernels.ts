/**
 * The loops of src/kernels/plain.ts and plain-sums.ts on two float64 lanes, each with the very operations of its twin in the
 * very order, so that both give the same bits. All pointers are byte addresses in the one memory, imported; T is the type of what is read, U of
 * what is written. What each function computes is said at its twin.
 */

function two<T>(at: usize): v128 {
  if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(at));
  return v128.load(at);
}

function one<T>(at: usize): f64 {
  if (sizeof<T>() == 4) return <f64>load<f32>(at);
  return load<f64>(at);
}

function putTwo<U>(at: usize, y: v128): void {
  if (sizeof<U>() == 4) v128.store64_lane(at, v128.demote_zero<f64>(y), 0);
  else v128.store(at, y);
}

function putOne<U>(at: usize, y: f64): void {
  if (sizeof<U>() == 4) store<f32>(at, <f32>y);
  else store<f64>(at, y);
}

/** What s + x = t leaves over. */
function rest(s: v128, x: v128, t: v128): v128 {
  const part = f64x2.sub(t, s);
  return f64x2.add(f64x2.sub(s, f64x2.sub(t, part)), f64x2.sub(x, part));
}

function rest1(s: f64, x: f64, t: f64): f64 {
  const part = t - s;
  return s - (t - part) + (x - part);
}

function there(x: v128): v128 {
  return f64x2.eq(x, x);
}

/** Whether values may be missing, as a type, so that it is known when a loop is compiled: f64, or i32 where all are there. */
function gaps<G>(): bool {
  return isFloat<G>();
}

// As in src/kernels/sums.ts.
const BLOCK: i32 = 32;
const SHIFT_ROWS: i32 = 8;
const STRETCH: i32 = 4096;

// Planes of sums, `stride` bytes each: shift, sum, sumLow, squares, squaresLow, count; and those of a block.

function shiftRows<T, G>(x: usize, n: i32, c: i32, p: usize): void {
  const row: usize = <usize>c * sizeof<T>();
  const rows = min(n, SHIFT_ROWS);
  const end = p + ((<usize>c) << 3);
  for (; p < end; p += 16, x += 2 * sizeof<T>()) {
    let first = two<T>(x);
    if (gaps<G>()) first = v128.and(first, there(first));
    let sum = f64x2.splat(0);
    let count = f64x2.splat(0);
    let at = x;
    for (let i = 0; i < rows; i++, at += row) {
      const value = two<T>(at);
      let d = f64x2.sub(value, first);
      if (gaps<G>()) {
        const mask = there(value);
        d = v128.and(d, mask);
        count = f64x2.add(count, v128.and(f64x2.splat(1), mask));
      }
      sum = f64x2.add(sum, d);
    }
    if (!gaps<G>()) count = f64x2.splat(rows);
    else count = f64x2.max(count, f64x2.splat(1));
    v128.store(p, f64x2.add(first, f64x2.div(sum, count)));
  }
}

function sumRows<T, G>(x: usize, n: i32, c: i32, planes: usize, stride: usize): void {
  const row: usize = <usize>c * sizeof<T>();
  const row2 = row * 2;
  const row3 = row * 3;
  const step: usize = 2 * sizeof<T>();
  const end = (<usize>c) << 3;
  const sums = planes + stride;
  const lows = sums + stride;
  const squares = lows + stride;
  const squaresLow = squares + stride;
  const counts = squaresLow + stride;
  const blocks = counts + stride;
  while (n > 0) {
    const rows = min(n, BLOCK);
    n -= rows;
    for (let o: usize = 0; o < end; o += 16) v128.store(blocks + o, f64x2.splat(0));
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      let at = x;
      for (let o: usize = 0; o < end; o += 16, at += step) {
        let a = two<T>(at);
        let b = two<T>(at + row);
        let e = two<T>(at + row2);
        let f = two<T>(at + row3);
        const shift = v128.load(planes + o);
        let da = f64x2.sub(a, shift);
        let db = f64x2.sub(b, shift);
        let de = f64x2.sub(e, shift);
        let df = f64x2.sub(f, shift);
        if (gaps<G>()) {
          const ma = there(a);
          const mb = there(b);
          const me = there(e);
          const mf = there(f);
          a = v128.and(a, ma);
          b = v128.and(b, mb);
          e = v128.and(e, me);
          f = v128.and(f, mf);
          da = v128.and(da, ma);
          db = v128.and(db, mb);
          de = v128.and(de, me);
          df = v128.and(df, mf);
          const unit = f64x2.splat(1);
          v128.store(
            counts + o,
            f64x2.add(
              v128.load(counts + o),
              f64x2.add(
                f64x2.add(v128.and(unit, ma), v128.and(unit, mb)),
                f64x2.add(v128.and(unit, me), v128.and(unit, mf)),
              ),
            ),
          );
        }
        const s = v128.load(sums + o);
        if (sizeof<T>() == 4) {
          const group = f64x2.add(f64x2.add(a, b), f64x2.add(e, f));
          const t = f64x2.add(s, group);
          v128.store(sums + o, t);
          v128.store(lows + o, f64x2.add(v128.load(lows + o), rest(s, group, t)));
        } else {
          const ta = f64x2.add(s, a);
          const tb = f64x2.add(ta, b);
          const te = f64x2.add(tb, e);
          const tf = f64x2.add(te, f);
          v128.store(sums + o, tf);
          v128.store(
            lows + o,
            f64x2.add(
              v128.load(lows + o),
              f64x2.add(
                f64x2.add(rest(s, a, ta), rest(ta, b, tb)),
                f64x2.add(rest(tb, e, te), rest(te, f, tf)),
              ),
            ),
          );
        }
        v128.store(
          blocks + o,
          f64x2.add(
            v128.load(blocks + o),
            f64x2.add(
              f64x2.add(f64x2.mul(da, da), f64x2.mul(db, db)),
              f64x2.add(f64x2.mul(de, de), f64x2.mul(df, df)),
            ),
          ),
        );
      }
      x += row << 2;
    }
    for (; i < rows; i++) {
      let at = x;
      for (let o: usize = 0; o < end; o += 16, at += step) {
        let a = two<T>(at);
        let d = f64x2.sub(a, v128.load(planes + o));
        if (gaps<G>()) {
          const mask = there(a);
          a = v128.and(a, mask);
          d = v128.and(d, mask);
          v128.store(counts + o, f64x2.add(v128.load(counts + o), v128.and(f64x2.splat(1), mask)));
        }
        const s = v128.load(sums + o);
        const t = f64x2.add(s, a);
        v128.store(sums + o, t);
        v128.store(lows + o, f64x2.add(v128.load(lows + o), rest(s, a, t)));
        v128.store(blocks + o, f64x2.add(v128.load(blocks + o), f64x2.mul(d, d)));
      }
      x += row;
    }
    for (let o: usize = 0; o < end; o += 16) {
      const s = v128.load(squares + o);
      const block = v128.load(blocks + o);
      const t = f64x2.add(s, block);
      v128.store(squares + o, t);
      v128.store(squaresLow + o, f64x2.add(v128.load(squaresLow + o), rest(s, block, t)));
    }
  }
}

/** Where a run is summed, as rows of four: seven planes of them. */
const LANES: usize = memory.data(7 * 32);

function addWord(plane: usize, low: usize, x: f64): void {
  const s = load<f64>(plane);
  const t = s + x;
  store<f64>(plane, t);
  store<f64>(low, load<f64>(low) + rest1(s, x, t));
}

function sumLanes(plane: usize): f64 {
  const at = LANES + plane;
  return load<f64>(at) + load<f64>(at, 8) + (load<f64>(at, 16) + load<f64>(at, 24));
}

function sumRun<T, G>(x: usize, l: i32, planes: usize, stride: usize): void {
  const sums = planes + stride;
  const lows = sums + stride;
  const squares = lows + stride;
  const squaresLow = squares + stride;
  const counts = squaresLow + stride;
  const shift = load<f64>(planes);
  while (l > 0) {
    const length = min(l, STRETCH);
    l -= length;
    v128.store(LANES, f64x2.splat(shift));
    v128.store(LANES, f64x2.splat(shift), 16);
    for (let o: usize = 32; o < 192; o += 16) v128.store(LANES + o, f64x2.splat(0));
    sumRows<T, G>(x, length >> 2, 4, LANES, 32);
    x += <usize>(length & ~3) * sizeof<T>();
    for (let o: usize = 0; o < 32; o += 8) addWord(sums, lows, load<f64>(LANES + o, 32));
    addWord(squares, squaresLow, sumLanes(96));
    store<f64>(lows, load<f64>(lows) + sumLanes(64));
    store<f64>(squaresLow, load<f64>(squaresLow) + sumLanes(128));
    store<f64>(counts, load<f64>(counts) + sumLanes(160));
    for (const end = x + <usize>(length & 3) * sizeof<T>(); x < end; x += sizeof<T>()) {
      const value = one<T>(x);
      if (gaps<G>() && value != value) continue;
      const d = value - shift;
      addWord(sums, lows, value);
      addWord(squares, squaresLow, d * d);
      store<f64>(counts, load<f64>(counts) + 1);
    }
  }
}

function shifts<T, G>(x: usize, n: i32, c: i32, l: i32, planes: usize): void {
  if (l == 1) return shiftRows<T, G>(x, n, c, planes);
  for (let i = 0; i < c; i++, x += <usize>l * sizeof<T>()) {
    shiftRows<T, G>(x, l, 1, LANES);
    store<f64>(planes + ((<usize>i) << 3), load<f64>(LANES));
  }
}

function sums<T, G>(x: usize, n: i32, c: i32, l: i32, planes: usize, stride: usize): void {
  // One value may be the last stretch of a channel: as a row it would be walked with what is beside it.
  if (l == 1 && (n > 1 || c > 1)) return sumRows<T, G>(x, n, c, planes, stride);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++, x += <usize>l * sizeof<T>()) {
      sumRun<T, G>(x, l, planes + ((<usize>i) << 3), stride);
    }
  }
}

function applyRows<T, U>(
  x: usize,
  n: i32,
  c: i32,
  center: usize,
  scale: usize,
  shift: usize,
  y: usize,
): v128 {
  const row: usize = <usize>c * sizeof<T>();
  const out: usize = <usize>c * sizeof<U>();
  const end = center + ((<usize>(c & ~1)) << 3);
  let odd = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let m = center;
    let s = scale;
    let t = shift;
    for (; m < end; m += 16, s += 16, t += 16, x += 2 * sizeof<T>(), y += 2 * sizeof<U>()) {
      const mm = v128.load(m);
      const ss = v128.load(s);
      const tt = v128.load(t);
      const da = f64x2.sub(two<T>(x), mm);
      const db = f64x2.sub(two<T>(x + row), mm);
      const de = f64x2.sub(two<T>(x + row * 2), mm);
      const df = f64x2.sub(two<T>(x + row * 3), mm);
      putTwo<U>(y, f64x2.add(f64x2.mul(da, ss), tt));
      putTwo<U>(y + out, f64x2.add(f64x2.mul(db, ss), tt));
      putTwo<U>(y + out * 2, f64x2.add(f64x2.mul(de, ss), tt));
      putTwo<U>(y + out * 3, f64x2.add(f64x2.mul(df, ss), tt));
      odd = v128.or(
        odd,
        v128.or(v128.or(f64x2.sub(da, da), f64x2.sub(db, db)), v128.or(f64x2.sub(de, de), f64x2.sub(df, df))),
      );
    }
    if (c & 1) {
      const mm = load<f64>(m);
      const ss = load<f64>(s);
      const tt = load<f64>(t);
      for (let j: usize = 0; j < 4; j++) {
        const d = one<T>(x + row * j) - mm;
        putOne<U>(y + out * j, d * ss + tt);
        odd = v128.or(odd, f64x2.splat(d - d));
      }
      x += sizeof<T>();
      y += sizeof<U>();
    }
    x += row * 3;
    y += out * 3;
  }
  for (; i < n; i++) {
    let m = center;
    let s = scale;
    let t = shift;
    for (; m < end; m += 16, s += 16, t += 16, x += 2 * sizeof<T>(), y += 2 * sizeof<U>()) {
      const d = f64x2.sub(two<T>(x), v128.load(m));
      putTwo<U>(y, f64x2.add(f64x2.mul(d, v128.load(s)), v128.load(t)));
      odd = v128.or(odd, f64x2.sub(d, d));
    }
    if (c & 1) {
      const d = one<T>(x) - load<f64>(m);
      putOne<U>(y, d * load<f64>(s) + load<f64>(t));
      odd = v128.or(odd, f64x2.splat(d - d));
      x += sizeof<T>();
      y += sizeof<U>();
    }
  }
  return odd;
}

function applyRun<T, U>(x: usize, l: i32, m: f64, s: f64, t: f64, y: usize): v128 {
  const mm = f64x2.splat(m);
  const ss = f64x2.splat(s);
  const tt = f64x2.splat(t);
  let odd = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= l; i += 4, x += 4 * sizeof<T>(), y += 4 * sizeof<U>()) {
    const da = f64x2.sub(two<T>(x), mm);
    const db = f64x2.sub(two<T>(x + 2 * sizeof<T>()), mm);
    putTwo<U>(y, f64x2.add(f64x2.mul(da, ss), tt));
    putTwo<U>(y + 2 * sizeof<U>(), f64x2.add(f64x2.mul(db, ss), tt));
    odd = v128.or(odd, v128.or(f64x2.sub(da, da), f64x2.sub(db, db)));
  }
  for (; i < l; i++, x += sizeof<T>(), y += sizeof<U>()) {
    const d = one<T>(x) - m;
    putOne<U>(y, d * s + t);
    odd = v128.or(odd, f64x2.splat(d - d));
  }
  return odd;
}

function apply<T, U>(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  y: usize,
): bool {
  if (l == 1) return !v128.any_true(applyRows<T, U>(x, n, c, center, scale, shift, y));
  let odd = f64x2.splat(0);
  for (let row = 0; row < n; row++) {
    for (let i: usize = 0; i < (<usize>c) << 3; i += 8) {
      odd = v128.or(
        odd,
        applyRun<T, U>(x, l, load<f64>(center + i), load<f64>(scale + i), load<f64>(shift + i), y),
      );
      x += <usize>l * sizeof<T>();
      y += <usize>l * sizeof<U>();
    }
  }
  return !v128.any_true(odd);
}

/** ((x - center) * scale + shift) * gamma + beta, the first three per stretch of `l` values, the others per place in it. */
function applyTwice<T, U>(
  x: usize,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  gamma: usize,
  beta: usize,
  size: i32,
  first: i32,
  y: usize,
): bool {
  let odd = f64x2.splat(0);
  let place: usize = (<usize>first) << 3;
  const places = (<usize>size) << 3;
  for (let i: usize = 0; i < (<usize>c) << 3; i += 8) {
    const m = load<f64>(center + i);
    const s = load<f64>(scale + i);
    const t = load<f64>(shift + i);
    const mm = f64x2.splat(m);
    const ss = f64x2.splat(s);
    const tt = f64x2.splat(t);
    if (place == places) place = 0;
    const end = place + ((<usize>(l & ~1)) << 3);
    for (; place < end; place += 16, x += 2 * sizeof<T>(), y += 2 * sizeof<U>()) {
      const d = f64x2.sub(two<T>(x), mm);
      const located = f64x2.add(f64x2.mul(d, ss), tt);
      putTwo<U>(y, f64x2.add(f64x2.mul(located, v128.load(gamma + place)), v128.load(beta + place)));
      odd = v128.or(odd, f64x2.sub(d, d));
    }
    if (l & 1) {
      const d = one<T>(x) - m;
      putOne<U>(y, (d * s + t) * load<f64>(gamma + place) + load<f64>(beta + place));
      odd = v128.or(odd, f64x2.splat(d - d));
      place += 8;
      x += sizeof<T>();
      y += sizeof<U>();
    }
  }
  return !v128.any_true(odd);
}

export function sums32(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  planes: usize,
  stride: usize,
  gaps: bool,
  isFirst: bool,
): void {
  if (gaps) {
    if (isFirst) shifts<f32, f64>(x, n, c, l, planes);
    sums<f32, f64>(x, n, c, l, planes, stride);
  } else {
    if (isFirst) shifts<f32, i32>(x, n, c, l, planes);
    sums<f32, i32>(x, n, c, l, planes, stride);
  }
}

export function sums64(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  planes: usize,
  stride: usize,
  gaps: bool,
  isFirst: bool,
): void {
  if (gaps) {
    if (isFirst) shifts<f64, f64>(x, n, c, l, planes);
    sums<f64, f64>(x, n, c, l, planes, stride);
  } else {
    if (isFirst) shifts<f64, i32>(x, n, c, l, planes);
    sums<f64, i32>(x, n, c, l, planes, stride);
  }
}

export function apply32to32(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  y: usize,
): bool {
  return apply<f32, f32>(x, n, c, l, center, scale, shift, y);
}

export function applyTwice32to32(
  x: usize,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  gamma: usize,
  beta: usize,
  size: i32,
  first: i32,
  y: usize,
): bool {
  return applyTwice<f32, f32>(x, c, l, center, scale, shift, gamma, beta, size, first, y);
}

export function apply64to32(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  y: usize,
): bool {
  return apply<f64, f32>(x, n, c, l, center, scale, shift, y);
}

export function applyTwice64to32(
  x: usize,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  gamma: usize,
  beta: usize,
  size: i32,
  first: i32,
  y: usize,
): bool {
  return applyTwice<f64, f32>(x, c, l, center, scale, shift, gamma, beta, size, first, y);
}

export function apply64to64(
  x: usize,
  n: i32,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  y: usize,
): bool {
  return apply<f64, f64>(x, n, c, l, center, scale, shift, y);
}

export function applyTwice64to64(
  x: usize,
  c: i32,
  l: i32,
  center: usize,
  scale: usize,
  shift: usize,
  gamma: usize,
  beta: usize,
  size: i32,
  first: i32,
  y: usize,
): bool {
  return applyTwice<f64, f64>(x, c, l, center, scale, shift, gamma, beta, size, first, y);
}
