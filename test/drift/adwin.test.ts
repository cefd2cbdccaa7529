import { fc, test as property } from '@fast-check/vitest';
import { Adwin, type AdwinOptions } from 'evenkeel';
import { describe, expect, test } from 'vitest';
import { hardValues } from '../oracle/data.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { gaussian, uniform } from '../oracle/hard-data.js';
import { exactMoments } from '../oracle/rational.js';
import { thrownBy } from '../thrown-by.js';

/** The same, of all values of the window, each time anew: buckets are lists of values. */
class Plain {
  readonly #options: Required<AdwinOptions>;
  /** The oldest first. */
  buckets: number[][] = [];
  #ticks = 0;

  constructor(options: AdwinOptions) {
    this.#options = {
      delta: 0.002,
      clock: 32,
      maxBuckets: 5,
      minWindowLength: 5,
      gracePeriod: 10,
      ...options,
    };
  }

  get values(): number[] {
    return this.buckets.flat();
  }

  update(value: number): boolean {
    this.buckets.push([value]);
    for (let size = 1; ; size *= 2) {
      const those = this.buckets.filter(({ length }) => length === size);
      if (those.length <= this.#options.maxBuckets) break;
      const [first, second] = those as [number[], number[]];
      this.buckets.splice(this.buckets.indexOf(first), 2, [...first, ...second]);
    }
    if (++this.#ticks % this.#options.clock !== 0 || this.values.length <= this.#options.gracePeriod)
      return false;
    let isChanged = false;
    while (this.#isCut()) {
      this.buckets.shift();
      isChanged = true;
    }
    return isChanged;
  }

  #isCut(): boolean {
    const { values } = this;
    const { delta, minWindowLength } = this.#options;
    const variance = exactMoments(values).variance().toNumber();
    const confidence = Math.log((2 * Math.log(values.length)) / delta);
    let cut = 0;
    for (const bucket of this.buckets.slice(0, -1)) {
      cut += bucket.length;
      const [before, after] = [values.slice(0, cut), values.slice(cut)];
      if (before.length < minWindowLength || after.length < minWindowLength) continue;
      const m = 1 / (before.length - minWindowLength + 1) + 1 / (after.length - minWindowLength + 1);
      const bound = Math.sqrt(2 * m * variance * confidence) + (2 / 3) * m * confidence;
      const difference = exactMoments(before).mean.minus(exactMoments(after).mean).toNumber();
      if (Math.abs(difference) > bound) return true;
    }
    return false;
  }
}

const restored = (adwin: Adwin): Adwin => Adwin.fromJSON(JSON.parse(JSON.stringify(adwin)));
const anyOptions: fc.Arbitrary<AdwinOptions> = fc.record({
  delta: fc.constantFrom(0.002, 0.1, 0.9),
  clock: fc.integer({ min: 1, max: 8 }),
  maxBuckets: fc.integer({ min: 1, max: 5 }),
  minWindowLength: fc.integer({ min: 1, max: 6 }),
  gracePeriod: fc.integer({ min: 1, max: 12 }),
});
/** Values that change now and then, at an offset. */
const changing = fc
  .record({
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 120 }),
    offset: fc.constantFrom(0, 1, -1e9),
    gap: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  .map(({ seed, n, offset, gap }) => {
    const [next, noise] = [uniform(seed), gaussian(seed + 1)];
    let mean = offset;
    return Float64Array.from({ length: n }, () => {
      if (next() < 0.03) mean = offset + 4 * (next() - 0.5);
      return mean + gap * noise();
    });
  });

describe('against all values of the window', () => {
  property.prop([changing, anyOptions], { numRuns: 300 })(
    'the same changes, the same window',
    (values, options) => {
      const [adwin, plain] = [new Adwin(options), new Plain(options)];
      const found: boolean[][] = [];
      for (const value of values) {
        found.push([adwin.update(value), plain.update(value)]);
        if (adwin.width !== plain.values.length) break;
      }
      expect(found.filter(([a, b]) => a !== b)).toEqual([]);
      expect(adwin.width).toBe(plain.values.length);
      expectExact(adwin.moments, exactMoments(plain.values), largestOf(plain.values));
    },
  );

  property.prop([hardValues(1, 2000), fc.integer({ min: 1, max: 8 })], { numRuns: 100 })(
    'the moments of the window, exactly, in few buckets',
    (values, maxBuckets) => {
      const adwin = new Adwin({ maxBuckets });
      let from = 0;
      values.forEach((value, i) => {
        adwin.update(value);
        from = i + 1 - adwin.width;
      });
      const window = values.subarray(from);
      expectExact(adwin.moments, exactMoments(window), largestOf(window));
      const { buckets } = JSON.parse(JSON.stringify(adwin)) as { buckets: { channels: number } };
      expect(buckets.channels).toBeLessThanOrEqual(maxBuckets * Math.ceil(1 + Math.log2(window.length)));
    },
  );
});

property.prop([changing, anyOptions, fc.integer({ min: 0, max: 120 })], { numRuns: 1000 })(
  'saved and restored at any value, it goes on to the bit',
  (values, options, at) => {
    let there = new Adwin(options);
    const whole = new Adwin(options);
    values.forEach((value, i) => {
      if (i === at) there = restored(there);
      if (there.update(value) !== whole.update(value)) expect(i).toBe('the same');
    });
    expect(JSON.stringify(there)).toBe(JSON.stringify(whole));
  },
);

describe('simulated changes', () => {
  const [length, at] = [4000, 2000];
  /** When changes are found: those before there was one, and how long the first after it takes. */
  const found = (
    seed: number,
    change: (x: number) => number,
  ): { early: number; delay: number | undefined } => {
    const [adwin, noise] = [new Adwin(), gaussian(seed)];
    let early = 0;
    for (let i = 0; i < length; i++) {
      const x = noise();
      const isFound = adwin.update(i < at ? x : change(x));
      if (isFound && i < at) early++;
      else if (isFound) return { early, delay: i - at };
    }
    return { early, delay: undefined };
  };
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

  test('nothing changes: nothing is found', () => {
    const all = seeds.map((seed) => found(seed, (x) => x));
    expect(all.filter(({ early, delay }) => early > 0 || delay !== undefined)).toEqual([]);
  });

  test.each([
    [0.5, 220],
    [1, 65],
    [2, 33],
  ])('a shift of %d sd is found after some %d values', (by, most) => {
    const delays = seeds.map((seed) => found(seed, (x) => x + by).delay!);
    expect(delays.sort((a, b) => a - b)[10]).toBeLessThanOrEqual(most);
    expect(Math.max(...delays)).toBeLessThan(length - at);
  });

  test('at an offset of 1e9 sd, the same values from the same rows on', () => {
    const course = (offset: number): number[] => {
      const [adwin, noise] = [new Adwin(), gaussian(1)];
      return Array.from({ length }, (_, i) => i).filter((i) =>
        adwin.update(offset + noise() + (i < at ? 0 : 1)),
      );
    };
    expect(course(1e9)).toEqual(course(0));
    expect(course(0).length).toBeGreaterThan(0);
  });
});

test('empty, missing, reset', () => {
  const adwin = new Adwin({ clock: 1 });
  expect([adwin.width, adwin.moments.count[0], adwin.update(Number.NaN), adwin.width]).toEqual([
    0,
    0,
    false,
    0,
  ]);
  const fresh = JSON.stringify(adwin);
  expect(JSON.stringify(restored(adwin))).toBe(fresh);
  for (let i = 0; i < 100; i++) adwin.update(i);
  expect(adwin.width).toBeGreaterThan(0);
  adwin.reset();
  expect(JSON.stringify(adwin)).toBe(fresh);
});

test('moments are one’s own', () => {
  const adwin = new Adwin();
  adwin.update(1);
  adwin.moments.update([100]);
  expect(adwin.moments.mean[0]).toBe(1);
});

test.each([Infinity, '1', null, undefined, 1n])('%s is no value', (value) => {
  const adwin = new Adwin();
  expect(thrownBy(() => adwin.update(value as never))).toMatchObject({ option: 'value', value });
  expect(adwin.width).toBe(0);
});

test.each([
  [{ delta: 0 }, 'delta'],
  [{ delta: 1 }, 'delta'],
  [{ clock: 0 }, 'clock'],
  [{ maxBuckets: 1.5 }, 'maxBuckets'],
  [{ minWindowLength: 0 }, 'minWindowLength'],
  [{ gracePeriod: -1 }, 'gracePeriod'],
  [{ alpha: 1 }, 'options.alpha'],
])('%j cannot be', (options, option) => {
  expect(thrownBy(() => new Adwin(options as never))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
});

test('damaged state is refused', () => {
  const adwin = new Adwin();
  for (let i = 0; i < 9; i++) adwin.update(i);
  const state = JSON.parse(JSON.stringify(adwin));
  for (const damage of [
    { kind: 'Adwin2' },
    { version: 2 },
    { ticks: -1 },
    { options: {} },
    { options: { ...state.options, maxBuckets: 1 } },
    { buckets: {} },
    { buckets: { ...state.buckets, count: state.buckets.count.map(() => 3) } },
    { buckets: { ...state.buckets, count: [...state.buckets.count].reverse() } },
  ])
    expect(thrownBy(() => Adwin.fromJSON({ ...state, ...damage }))).toMatchObject({ code: 'EVENKEEL_STATE' });
});
