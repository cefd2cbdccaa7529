/**
 * The kernels on two float64 lanes, in WebAssembly (assembly/kernels.ts). Values are copied into the module's memory, which
 * is of one size for good, in pieces that stay in the processor's cache, and out again into what is emitted: nothing that
 * leaves here is of that memory.
 */
import type { FloatArray } from '../tensor.js';
import type { Kernels } from './kernels.js';
import { plain } from './plain.js';
import { simdModule } from './simd-module.js';
import { BLOCK, COUNT, planeLength, STRETCH, SUM_PLANES } from './sums.js';

type Sum = (
  x: number,
  n: number,
  c: number,
  l: number,
  planes: number,
  stride: number,
  gaps: number,
  isFirst: number,
) => void;

type Apply = (
  x: number,
  n: number,
  c: number,
  l: number,
  center: number,
  scale: number,
  shift: number,
  y: number,
) => number;

type ApplyTwice = (
  x: number,
  c: number,
  l: number,
  center: number,
  scale: number,
  shift: number,
  gamma: number,
  beta: number,
  places: number,
  first: number,
  y: number,
) => number;

/** What the module exports, by the types of x and y. Addresses and strides are in bytes. */
interface Exports {
  readonly sums32: Sum;
  readonly sums64: Sum;
  readonly apply32to32: Apply;
  readonly apply64to32: Apply;
  readonly apply64to64: Apply;
  readonly applyTwice32to32: ApplyTwice;
  readonly applyTwice64to32: ApplyTwice;
  readonly applyTwice64to64: ApplyTwice;
}

const MIB = 2 ** 20;
/** The planes of sums, or of an affine; before them the module keeps what is its own. */
const PLANES_AT = 4096;
const X_AT = MIB;
/** Pairs may be read past the end of x. */
const Y_AT = 2 * MIB + 64;
const PAGES = 3 * 16 + 1;

/** Values that x and y have room for. */
const ROOM = MIB / 8;
const MOST_PLANES = (X_AT - PLANES_AT) / 8;
/** Values that are walked at a time, about as many. */
const PIECE = 16_384;
/** Channels of which a block of rows has room. */
const MOST_COLUMNS = ROOM / BLOCK;

const isNarrow = (data: FloatArray): boolean => data.BYTES_PER_ELEMENT === 4;

/** Part of `[n, c, l]`: rows of `channels`, from `channel` on, of `length` positions each, from index `at`. */
type Visit = (at: number, rows: number, channel: number, channels: number, length: number) => void;

/** Walks it in pieces that follow each other: blocks of rows, some channels of a row, or stretches of one. */
function walk(n: number, c: number, l: number, visit: Visit): void {
  if (n * c * l <= PIECE) {
    visit(0, n, 0, c, l);
    return;
  }
  if (c * l <= PIECE || l === 1) {
    const unit = l === 1 ? BLOCK : 1;
    const most = Math.max(1, Math.floor(PIECE / (c * l * unit))) * unit;
    for (let row = 0; row < n; row += most) visit(row * c * l, Math.min(most, n - row), 0, c, l);
    return;
  }
  const channels = Math.max(1, Math.floor(PIECE / l));
  const most = l <= ROOM ? l : PIECE - (PIECE % STRETCH);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i += channels) {
      const some = Math.min(channels, c - i);
      for (let position = 0; position < l; position += most) {
        visit((row * c + i) * l + position, 1, i, some, Math.min(most, l - position));
      }
    }
  }
}

function kernelsOf(module: Exports, { buffer }: WebAssembly.Memory): Kernels {
  const narrow = new Float32Array(buffer);
  const wide = new Float64Array(buffer);
  const planes = new Float64Array(buffer, PLANES_AT, MOST_PLANES);
  const { sums32, sums64, apply32to32, apply64to32, apply64to64 } = module;
  const { applyTwice32to32, applyTwice64to32, applyTwice64to64 } = module;
  /** What lies at X_AT, whole. */
  let loaded: FloatArray | undefined;

  /** Copies a piece of x in, and returns where it is. */
  function load(x: FloatArray, at: number, length: number): number {
    const to = X_AT + (x.length <= ROOM ? at * x.BYTES_PER_ELEMENT : 0);
    const piece = length === x.length ? x : x.subarray(at, at + length);
    if (isNarrow(x)) narrow.set(piece, to / 4);
    else wide.set(piece, to / 8);
    return to;
  }

  /** Copies a piece of y out. */
  function store(y: FloatArray, at: number, length: number): void {
    if (isNarrow(y)) y.set(narrow.subarray(Y_AT / 4, Y_AT / 4 + length), at);
    else y.set(wide.subarray(Y_AT / 8, Y_AT / 8 + length), at);
  }

  /** Whether x is there already. Whatever is there then is used up. */
  function take(x: FloatArray, unchanged: boolean): boolean {
    const isLoaded = unchanged && loaded === x;
    loaded = undefined;
    return isLoaded;
  }

  return {
    sums(x, n, c, l, gaps, about) {
      const stride = planeLength(c);
      loaded = undefined;
      if (SUM_PLANES * stride > MOST_PLANES || (l === 1 && c > MOST_COLUMNS))
        return plain.sums(x, n, c, l, gaps, about);
      const sums = isNarrow(x) ? sums32 : sums64;
      planes.fill(0, 0, SUM_PLANES * stride);
      if (about) planes.set(about);
      walk(n, c, l, (at, rows, channel, channels, length) => {
        const from = load(x, at, rows * channels * length);
        const isFirst = !about && at < c * l && at % l === 0;
        sums(from, rows, channels, length, PLANES_AT + 8 * channel, 8 * stride, +gaps, +isFirst);
      });
      if (!gaps) planes.fill(n * l, COUNT * stride, COUNT * stride + c);
      loaded = x.length <= ROOM ? x : undefined;
      return planes;
    },

    apply(x, n, c, l, affine, y, unchanged) {
      const isWidening = isNarrow(x) && !isNarrow(y);
      if (isWidening || affine.length > MOST_PLANES || (l === 1 && c > MOST_COLUMNS))
        return plain.apply(x, n, c, l, affine, y, unchanged);
      const apply = isNarrow(x) ? apply32to32 : isNarrow(y) ? apply64to32 : apply64to64;
      const isLoaded = take(x, unchanged);
      planes.set(affine);
      let finite = 1;
      walk(n, c, l, (at, rows, channel, channels, length) => {
        const size = rows * channels * length;
        const from = isLoaded ? X_AT + at * x.BYTES_PER_ELEMENT : load(x, at, size);
        const center = PLANES_AT + 8 * channel;
        finite &= apply(from, rows, channels, length, center, center + 8 * c, center + 16 * c, Y_AT);
        store(y, at, size);
      });
      return finite === 1;
    },

    applyTwice(x, c, l, affine, gamma, beta, y, unchanged) {
      const places = gamma.length;
      const isWidening = isNarrow(x) && !isNarrow(y);
      if (isWidening || 3 * c + 2 * places > MOST_PLANES || l > ROOM)
        return plain.applyTwice(x, c, l, affine, gamma, beta, y, unchanged);
      const apply = isNarrow(x) ? applyTwice32to32 : isNarrow(y) ? applyTwice64to32 : applyTwice64to64;
      const isLoaded = take(x, unchanged);
      planes.set(affine);
      planes.set(gamma, 3 * c);
      planes.set(beta, 3 * c + places);
      const gammaAt = PLANES_AT + 24 * c;
      const betaAt = gammaAt + 8 * places;
      let finite = 1;
      walk(1, c, l, (at, _, channel, channels, length) => {
        const size = channels * length;
        const from = isLoaded ? X_AT + at * x.BYTES_PER_ELEMENT : load(x, at, size);
        const center = PLANES_AT + 8 * channel;
        const [scale, shift] = [center + 8 * c, center + 16 * c];
        finite &= apply(
          from,
          channels,
          length,
          center,
          scale,
          shift,
          gammaAt,
          betaAt,
          places,
          at % places,
          Y_AT,
        );
        store(y, at, size);
      });
      return finite === 1;
    },
  };
}

/** The kernels; nothing where the engine has no SIMD, or forbids WebAssembly. */
export function simdKernels(): Kernels | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const bytes = Uint8Array.from({ length: simdModule.length / 2 }, (_, i) =>
      Number.parseInt(simdModule.slice(2 * i, 2 * i + 2), 16),
    );
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return kernelsOf(exports as unknown as Exports, memory);
  } catch {
    return undefined;
  }
}
