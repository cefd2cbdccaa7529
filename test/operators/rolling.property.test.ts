import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { sequences, slidingWindow } from '../../src/index.js';
import { isUsable, outcome, plain, type Sample, windowOf } from './stream.js';

const samples = fc
  .array(
    fc.oneof(
      { weight: 15, arbitrary: fc.nat(9) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>('x', null, Number.NaN) },
    ),
    { maxLength: 40 },
  )
  .map((all) => all.map((x, id): Sample => ({ id, x, t: 0 })));
const few = fc.integer({ min: 1, max: 6 });
const partials = fc.constantFrom('emit', 'drop' as const);

/** All whole windows of an array. */
function windowsOf(rows: readonly Sample[], length: number, stride: number): Sample[][] {
  const windows: Sample[][] = [];
  for (let at = 0; at + length <= rows.length; at += stride) windows.push(rows.slice(at, at + length));
  return windows;
}

/** What was pushed, and what the figures have to say then. */
function figures(all: readonly Sample[], windows: readonly (readonly Sample[])[]): object {
  const usable = all.filter(isUsable).length;
  const emitted = new Set(windows.flat()).size;
  return {
    rows: all.length,
    emitted,
    late: 0,
    ahead: 0,
    dropped: 0,
    skipped: usable - emitted,
    invalid: all.length - usable,
    held: 0,
    cut: 0,
    windows: windows.length,
  };
}

const onInvalid = (): void => {};

test.prop([samples, few, few, partials], { numRuns: 10_000 })(
  'sliding windows are those of an array, and are never written again',
  (all, size, stride, partial) => {
    const rows = all.filter(isUsable);
    const expected = windowsOf(rows, size, stride);
    const next = expected.length * stride; // where the next window starts
    if (
      partial === 'emit' &&
      next < rows.length &&
      (expected.length === 0 || (expected.length - 1) * stride + size < rows.length)
    ) {
      const isApart = stride > size;
      expected.push(rows.slice(isApart ? next : Math.max(0, rows.length - size)));
    }
    const operator = slidingWindow<Sample>({ size, stride, partial, features: ['x'], onInvalid });
    const was: unknown[] = [];
    const { out } = outcome(operator, (push) => {
      for (const sample of all) push(sample);
    });
    for (const window of out) was.push(plain(window));
    expect(was).toEqual(expected.map((window) => windowOf(window)));
    expect(operator.stats).toEqual(figures(all, expected));
  },
);

test.prop([samples, few, few, few, partials], { numRuns: 10_000 })(
  'batches of sequences are those of an array, channel by channel',
  (all, length, stride, batch, partial) => {
    const windows = windowsOf(all.filter(isUsable), length, stride);
    const whole = partial === 'emit' ? windows.length : windows.length - (windows.length % batch);
    const expected = [];
    for (let at = 0; at < whole; at += batch) expected.push(windows.slice(at, Math.min(at + batch, whole)));
    const operator = sequences<Sample>({
      length,
      stride,
      batch,
      partial,
      features: ({ x, id }) => [x as number, id],
      onInvalid,
    });
    const { out } = outcome(operator, (push) => {
      for (const sample of all) push(sample);
    });
    expect(out.map(({ shape, samples, data }) => ({ shape, samples, data: [...data] }))).toEqual(
      expected.map((group) => ({
        shape: [group.length, 2, length],
        samples: group,
        data: group.flatMap((window) => [...window.map(({ x }) => x), ...window.map(({ id }) => id)]),
      })),
    );
    expect(operator.stats).toEqual(figures(all, expected.flat()));
  },
);

test.prop(
  [
    fc.integer({ min: 100, max: 600 }),
    fc.integer({ min: 1, max: 70 }),
    few,
    fc.constantFrom('emit', 'drop' as const),
  ],
  { numRuns: 100 },
)('nor are those that lie in storage that had to be begun anew', (count, size, most, partial) => {
  const stride = Math.min(most, size);
  const all = Array.from({ length: count }, (_, id): Sample => ({ id, x: id % 7, t: 0 }));
  const { out } = outcome(
    slidingWindow<Sample>({ size, stride, partial, features: ({ x, id }) => [x as number, id] }),
    (push) => all.forEach(push),
  );
  const whole = windowsOf(all, size, stride);
  for (const [i, { samples, data }] of out.entries()) {
    expect(samples).toEqual(whole[i] ?? all.slice(-size));
    expect([...data]).toEqual(samples.flatMap(({ x, id }) => [x, id]));
  }
  expect(out.length - whole.length).toBeLessThanOrEqual(partial === 'emit' ? 1 : 0);
  expect(out.length).toBeGreaterThanOrEqual(whole.length);
  const buffers = new Set(out.map(({ data }) => data.buffer)).size;
  expect(buffers).toBeLessThanOrEqual(8 + count / 64);
});

test.prop([samples, few, few], { numRuns: 1000 })(
  'sequences that leave by themselves are sliding windows',
  (all, length, stride) => {
    const made = [
      sequences<Sample>({ length, stride, features: ['x'], onInvalid }),
      slidingWindow<Sample>({ size: length, stride, features: ['x'], onInvalid }),
    ].map((operator) => {
      const { out } = outcome(operator, (push) => all.forEach(push));
      return [out.map(plain), operator.stats];
    });
    expect(made[0]).toEqual(made[1]);
  },
);
