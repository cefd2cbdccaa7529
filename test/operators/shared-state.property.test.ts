import { fc, test as property } from '@fast-check/vitest';
import { concat, defer, from, type OperatorFunction, of, retry, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  changePoints,
  DriftMonitor,
  drift,
  impute,
  PageHinkley,
  SeenValues,
  WindowMoments,
  windowMoments,
} from '../../src/index.js';

interface Reading {
  readonly at: number;
  readonly x: number;
}
const features = ['x'];

/** State of which a subscription has the use, how it comes back, and what goes by it. */
interface Case {
  readonly begin: () => { toJSON(): unknown };
  readonly revive: (json: unknown) => { toJSON(): unknown };
  readonly by: (state: never) => OperatorFunction<Reading, unknown>;
}

const cases: Record<string, Case> = {
  'drift, its monitor': {
    begin: () =>
      new DriftMonitor(1, { reference: { rows: 3 }, size: 4, stride: 2, raise: { shift: 1 }, relearn: 2 }),
    revive: DriftMonitor.fromJSON,
    by: (monitor: DriftMonitor) => drift<Reading>({ monitor, features, missing: 'keep' }),
  },
  'impute, what it has seen': {
    begin: () => new SeenValues(1),
    revive: SeenValues.fromJSON,
    by: (seen: SeenValues) =>
      impute<Reading>({ seen, features, missing: { x: { last: 20, else: 'mean' } }, timestamp: 'at' }),
  },
  'windowMoments, its window': {
    begin: () => new WindowMoments(1, { sizeMs: 20, strideMs: 10 }),
    revive: WindowMoments.fromJSON,
    by: (window: WindowMoments) =>
      windowMoments<Reading>({ window, features, missing: 'keep', partial: 'drop', timestamp: 'at' }),
  },
  'changePoints, its detectors': {
    begin: () => new PageHinkley({ minInstances: 2, threshold: 1, delta: 0 }),
    revive: PageHinkley.fromJSON,
    by: (detector: PageHinkley) => changePoints<Reading>(() => detector, { features, missing: 'keep' }),
  },
};

const x = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.constant(Number.NaN));
const steps = fc.array(fc.record({ step: fc.integer({ min: -5, max: 15 }), x }), { maxLength: 30 });
const cuts = fc.array(fc.nat(30), { maxLength: 3 });

function readingsOf(steps: readonly { readonly step: number; readonly x: number }[]): Reading[] {
  let at = 0;
  return steps.map(({ step, x }) => {
    at += step;
    return { at, x };
  });
}

function partsOf(items: readonly Reading[], cuts: readonly number[]): Reading[][] {
  const ends = [...cuts.map((cut) => Math.min(cut, items.length)), items.length].sort((a, b) => a - b);
  return ends.map((end, i) => items.slice(ends[i - 1] ?? 0, end));
}

/** All that leaves, as text: what would not be JSON, too. */
const textOf = (item: unknown): string =>
  JSON.stringify(item, (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? Array.from(value as Float64Array, String)
      : Object.is(value, Number.NaN)
        ? 'NaN'
        : value,
  );

describe.each(Object.entries(cases))('%s', (_, { begin, revive, by }) => {
  const whole = (items: readonly Reading[]): string[] => {
    const seen: string[] = [];
    from(items)
      .pipe(by(begin() as never))
      .subscribe((item) => seen.push(textOf(item)));
    return seen;
  };

  property.prop([steps, cuts], { numRuns: 2000 })('outlives errors, below retry', (given, cuts) => {
    const items = readingsOf(given);
    const parts = partsOf(items, cuts).map((part, i, { length }) =>
      i + 1 < length
        ? concat(
            from(part),
            throwError(() => new Error('lost')),
          )
        : from(part),
    );
    const seen: string[] = [];
    defer(() => parts.shift()!)
      .pipe(by(begin() as never), retry())
      .subscribe((item) => seen.push(textOf(item)));
    expect(seen).toEqual(whole(items));
  });

  property.prop([steps, cuts], { numRuns: 2000 })('outlives a process, saved', (given, cuts) => {
    const items = readingsOf(given);
    const seen: string[] = [];
    let state = begin();
    for (const part of partsOf(items, cuts)) {
      from(part)
        .pipe(by(state as never))
        .subscribe((item) => seen.push(textOf(item)));
      state = revive(JSON.parse(JSON.stringify(state)));
    }
    expect(seen).toEqual(whole(items));
  });

  test('is seen to matter: without it something else leaves', () => {
    const items = readingsOf([3, 4, 3, 5, Number.NaN, 9, 9, 9, 9].map((x) => ({ step: 3, x })));
    const seen: string[] = [];
    for (const item of items)
      of(item)
        .pipe(by(begin() as never))
        .subscribe((item) => seen.push(textOf(item)));
    expect(seen).not.toEqual(whole(items));
  });
});
