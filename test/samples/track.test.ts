import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Ticks } from '../../src/samples/ticks.js';
import { interpolate, Track } from '../../src/samples/track.js';
import { Rational } from '../oracle/rational.js';

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }).map((x) => 1e9 + x / 1024),
);
const times = fc
  .tuple(
    fc.constantFrom(0, 1.7e12, -1e6),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e7, noNaN: true }),
  )
  .map(([offset, from, span]) => [offset + from, offset + from + span] as const);

describe('interpolation', () => {
  test('is the end at an end, and the same in both directions', () => {
    for (const [from, to] of [
      [1e300, -1e300],
      [0.1, 0.3],
      [1e9 + 1, 1e9 + 2],
      [-1.7e308, 1.7e308],
    ] as const) {
      expect(interpolate(3, 3, from, 10, to)).toBe(from);
      expect(interpolate(10, 3, from, 10, to)).toBe(to);
      expect(interpolate(4, 3, from, 10, to)).toBe(interpolate(9, 3, to, 10, from));
    }
    expect(interpolate(5, 0, 1e9, 10, 1e9 + 1)).toBe(1e9 + 0.5);
    expect(interpolate(7, 0, 4, 10, 4)).toBe(4);
  });

  property.prop([times, fc.double({ min: 0, max: 1, noNaN: true }), finite, finite], { numRuns: 10_000 })(
    'is the line, to 4 units in the last place of the greater end, and within the ends',
    ([t0, t1], part, from, to) => {
      fc.pre(t0 < t1);
      const time = Math.min(Math.max(t0 + (t1 - t0) * part, t0), t1);
      const value = interpolate(time, t0, from, t1, to);
      expect(value).toBeGreaterThanOrEqual(Math.min(from, to));
      expect(value).toBeLessThanOrEqual(Math.max(from, to));
      const rise = Rational.of(to).minus(from);
      const exact = Rational.of(time).minus(t0).over(Rational.of(t1).minus(t0)).times(rise).plus(from);
      const bound = Rational.of(Math.max(Math.abs(from), Math.abs(to))).times(4 * 2 ** -53);
      expect(
        Rational.of(value)
          .minus(exact)
          .abs()
          .compare(bound.plus(2 ** -1074)),
      ).not.toBe(1);
    },
  );
});

property.prop(
  [
    fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.01, max: 1e5, noNaN: true })),
    fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
  ],
  { numRuns: 10_000 },
)('ticks are about every time', (period, k) => {
  const ticks = new Ticks(period);
  for (const time of [k, ticks.at(k % 1e6), ticks.at(k % 1e6) * (1 + Number.EPSILON), k / 7]) {
    const [before, after] = [ticks.before(time), ticks.after(time)];
    expect(ticks.at(before)).toBeLessThanOrEqual(time);
    expect(ticks.at(before + 1)).toBeGreaterThan(time);
    expect(ticks.at(after)).toBeGreaterThanOrEqual(time);
    expect(ticks.at(after - 1)).toBeLessThan(time);
  }
});

describe('a track', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 30 }) }) },
    fc.record({ pass: fc.integer({ min: 0, max: 5 }) }),
    fc.constantFrom('drop' as const, 'pop' as const),
  );
  property.prop([fc.constantFrom('latest', 'linear'), fc.array(step, { maxLength: 80 })], {
    numRuns: 10_000,
  })('holds what the ticks need: as a list of all would', (method, steps) => {
    const every = 10;
    const ticks = new Ticks(every);
    const track = new Track();
    let all: { time: number; value: number; tick: number }[] = [];
    let last: { time: number; value: number } | undefined;
    let [now, tick] = [1, 0];
    for (const [i, what] of steps.entries()) {
      if (what === 'drop' || what === 'pop') {
        if (all.length === 0) continue;
        track[what]();
        if (what === 'drop') all.shift();
        else all.pop();
      } else if ('push' in what) {
        now = Math.max(now + what.push, tick * every + 1);
        const item = { time: now, value: i, tick: ticks.after(now) };
        const between = all.filter((other) => other.tick === item.tick).length;
        const replaces = all.at(-1)?.time === now || between === (method === 'latest' ? 1 : 2);
        if (replaces) all.pop();
        all.push(item);
        expect(track.push(item.time, item.value, item.tick, method)).toBe(replaces);
      } else {
        tick += what.pass;
        const passed = all.filter((item) => item.tick <= tick);
        last = passed.at(-1) ?? last;
        all = all.filter((item) => item.tick > tick);
        expect(track.passTo(tick)).toBe(passed.length);
        const time = tick * every;
        const isRecent = last && time - last.time <= 25;
        expect(track.latest(time, 25)).toBe(isRecent ? last!.value : Number.NaN);
        const [before, after] = [last, all[0]];
        const isNear = before && after && after.time - before.time <= 25;
        const between = isNear
          ? before.value + ((after.value - before.value) * (time - before.time)) / (after.time - before.time)
          : Number.NaN;
        const linear = track.linear(time, 25);
        if (before?.time === time) expect(linear).toBe(before.value);
        else if (isNear) expect(linear).toBeCloseTo(between, 10);
        else expect(linear).toBeNaN();
      }
      expect(track.length).toBe(all.length);
      expect(track.nextTick).toBe(all[0]?.tick ?? Infinity);
    }
  });
});
