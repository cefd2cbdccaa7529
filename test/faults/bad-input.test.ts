/** Ten thousand generated faults: each refused with its code, row, feature and value, and nothing learned of it. */
import { fc, test } from '@fast-check/vitest';
import { BatchNorm, batchNorm, Moments, minibatch, SampleError, type Tensor, tensor } from 'evenkeel';
import { from } from 'rxjs';
import { describe, expect } from 'vitest';
import { thrownBy } from '../thrown-by.js';

const C = 3;
const good = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const goodRow = fc.array(good, { minLength: C, maxLength: C });
const goodRows = fc.array(goodRow, { minLength: 1, maxLength: 6 });
const infinite = fc.constantFrom(Infinity, -Infinity);
const absent = fc.constantFrom(null, undefined);
const notNumber = fc.oneof(
  fc.string(),
  fc.constantFrom('1', '', 'NaN', '__proto__'),
  fc.bigInt(),
  fc.boolean(),
  fc.object(),
  fc.constantFrom(Symbol('1'), () => 1, new Date(0), new Number(1), [1], [], Object.create(null)),
);

/** Learned from good rows, before anything bad comes. */
function learned(rows: readonly number[][]): { moments: Moments; bn: BatchNorm } {
  const x = tensor(rows.flat(), [rows.length, C]);
  const moments = new Moments(C);
  moments.updateBatch(x);
  const bn = new BatchNorm(C);
  bn.forward(x);
  return { moments, bn };
}

function expectRefused(subject: Moments | BatchNorm, action: () => unknown, expected: object): void {
  const before = JSON.stringify(subject);
  const error = thrownBy(action);
  expect(error).toMatchObject(expected);
  expect((error as Error).message.length).toBeLessThan(1000);
  expect(JSON.stringify(subject)).toBe(before);
}

interface Fault {
  /** A row of the wrong kind, length or content. */
  readonly row: unknown;
  readonly code: string;
  readonly feature: number | undefined;
  readonly value: unknown;
}

/** A good row with one value replaced, first of any others that might be found. */
const spoilt = (value: fc.Arbitrary<unknown>, code: string): fc.Arbitrary<Fault> =>
  fc.tuple(goodRow, fc.nat(C - 1), value).map(([row, feature, value]) => ({
    row: row.with(feature, value as number),
    code,
    feature,
    value,
  }));

const sparse: fc.Arbitrary<Omit<Fault, 'code'>> = fc.tuple(goodRow, fc.nat(C - 1)).map(([row, feature]) => {
  const holed = row.slice();
  delete holed[feature];
  return { row: holed, feature, value: undefined };
});

const wrongArity: fc.Arbitrary<Fault> = fc
  .oneof(
    fc.array(good, { maxLength: 7 }).filter((row) => row.length !== C),
    fc.constantFrom(new Float64Array(0), new Float32Array(C + 1)),
  )
  .map((row) => ({ row, code: 'EVENKEEL_ARITY', feature: undefined, value: row }));

const noRow = fc.oneof(
  good,
  absent,
  notNumber.filter((value) => !Array.isArray(value)),
);

describe('rows', () => {
  const faults = fc.oneof(
    spoilt(infinite, 'EVENKEEL_NOT_FINITE'),
    spoilt(fc.oneof(absent, notNumber), 'EVENKEEL_NOT_A_NUMBER'),
    sparse.map((fault) => ({ ...fault, code: 'EVENKEEL_NOT_A_NUMBER' })),
    wrongArity,
    noRow.map((row) => ({ row, code: 'EVENKEEL_ARITY', feature: undefined, value: row })),
  );
  test.prop([goodRows, faults], { numRuns: 3000 })(
    'of Moments.update',
    (rows, { row, code, feature, value }) => {
      const { moments } = learned(rows);
      const expected = { name: 'SampleError', code, row: 0, feature, value };
      expectRefused(moments, () => moments.update(row as number[]), expected);
    },
  );
});

describe('tensors', () => {
  const places = fc.record({
    n: fc.integer({ min: 1, max: 4 }),
    l: fc.integer({ min: 1, max: 3 }),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  test.prop([goodRows, places, fc.oneof(infinite, fc.constant(Number.NaN)), fc.boolean()], { numRuns: 2000 })(
    'with a NaN or an infinity',
    (rows, { n, l, place }, value, narrow) => {
      const { moments, bn } = learned(rows);
      const data = new (narrow ? Float32Array : Float64Array)(n * C * l);
      const at = Math.floor(place * data.length);
      data[at] = value;
      const x = tensor(data, [n, C, l]);
      const code = Number.isNaN(value) ? 'EVENKEEL_MISSING' : 'EVENKEEL_NOT_FINITE';
      const row = Math.floor(at / (C * l));
      const expected = { name: 'SampleError', code, row, feature: Math.floor(at / l) % C, value };
      expectRefused(bn, () => bn.forward(x), expected);
      expectRefused(bn, () => bn.infer(x), expected);
      if (Number.isNaN(value)) {
        const count = moments.count.slice();
        moments.updateBatch(x); // by contract a missing value, which counts for nothing in its channel
        expect(moments.count).toEqual(
          count.map((seen, i) => seen + n * l - (i === expected.feature ? 1 : 0)),
        );
      } else expectRefused(moments, () => moments.updateBatch(x), expected);
    },
  );

  const axis = fc.oneof(
    fc.integer({ min: -3, max: 5 }),
    fc.double(),
    fc.constantFrom('2', null, undefined, 2n, 2 ** 53),
  );
  const isShapeOf = (shape: readonly unknown[], length: number): boolean =>
    shape.length > 0 &&
    shape.every((size) => Number.isInteger(size) && (size as number) > 0) &&
    shape.reduce<number>((product, size) => product * (size as number), 1) === length;

  const shapes = fc.array(axis, { maxLength: 5 });
  test.prop([goodRows, shapes, fc.nat(12)], { numRuns: 2000 })(
    'of a shape that does not fit',
    (rows, shape, length) => {
      const { moments, bn } = learned(rows);
      const x = { data: new Float64Array(length), shape } as unknown as Tensor;
      const fits = isShapeOf(shape, length);
      if (fits) fc.pre(shape.length < 2 || shape[1] !== C);
      else expect(thrownBy(() => tensor(x.data, x.shape))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
      const expected = { name: 'ShapeError', code: 'EVENKEEL_SHAPE' };
      expectRefused(moments, () => moments.updateBatch(x), expected);
      expectRefused(bn, () => bn.forward(x), expected);
      expectRefused(bn, () => bn.infer(x), expected);
      expectRefused(bn, () => bn.toAffine().apply(x), expected);
    },
  );

  test.prop(
    [
      fc.array(fc.oneof(good, fc.constant(Number.NaN)), { minLength: 1, maxLength: 12 }),
      notNumber,
      fc.nat(11),
    ],
    {
      numRuns: 500,
    },
  )('with an element that is no number', (values, value, at) => {
    const place = at % values.length;
    expect(thrownBy(() => tensor(values.with(place, value as number), [values.length, 1]))).toMatchObject({
      code: 'EVENKEEL_NOT_A_NUMBER',
      row: place,
      feature: 0,
      value,
    });
  });
});

describe('sizes', () => {
  const sizes = fc.oneof(
    fc.integer({ max: 0 }),
    fc.double().filter((x) => !(Number.isSafeInteger(x) && x > 0)),
    absent,
    notNumber,
  );
  test.prop([sizes], { numRuns: 500 })('of channels and batches that cannot be', (value) => {
    const expected = { name: 'OptionError', code: 'EVENKEEL_OPTION', value };
    for (const action of [
      () => new Moments(value as number),
      () => new BatchNorm(value as number),
      () => minibatch({ size: value as number }),
    ]) {
      expect(thrownBy(action)).toMatchObject(expected);
    }
  });
});

describe('samples of a stream', () => {
  const isList = (row: unknown): boolean => Array.isArray(row) || ArrayBuffer.isView(row);
  const faults: fc.Arbitrary<Fault> = fc.oneof(
    spoilt(infinite, 'EVENKEEL_NOT_FINITE'),
    spoilt(fc.oneof(absent, fc.constant(Number.NaN)), 'EVENKEEL_MISSING'),
    spoilt(notNumber, 'EVENKEEL_NOT_A_NUMBER'),
    sparse.map((fault) => ({ ...fault, code: 'EVENKEEL_MISSING' })),
    wrongArity,
    // A number, or a missing one, is a row of one; what is neither a number nor a list is no row at all.
    fc.oneof(good, absent).map((row) => ({ row, code: 'EVENKEEL_ARITY', feature: undefined, value: row })),
    notNumber
      .filter((row) => !isList(row))
      .map((row) => ({ row, code: 'EVENKEEL_NOT_A_NUMBER', feature: undefined, value: row })),
  );

  /** Batches of one, so that all that is good is learned before what is bad comes. */
  function run(
    samples: readonly unknown[],
    onInvalid?: (error: SampleError, sample: unknown) => void,
  ): [BatchNorm, unknown] {
    const bn = new BatchNorm(C);
    let failure: unknown;
    from(samples as number[][])
      .pipe(minibatch({ size: 1, ...(onInvalid && { onInvalid }) }), batchNorm(bn))
      .subscribe({ error: (error: unknown) => (failure = error) });
    return [bn, failure];
  }

  test.prop([goodRows, faults, goodRows], { numRuns: 2000 })(
    'stop it, or are told and left out; the rest is learned as if they had not been',
    (before, { row, code, feature, value }, after) => {
      const expected = { code, row: before.length, feature, value };
      const [stopped, failure] = run([...before, row, ...after]);
      expect(failure).toBeInstanceOf(SampleError);
      expect(failure).toMatchObject(expected);
      expect(JSON.stringify(stopped)).toBe(JSON.stringify(run(before)[0]));

      const told: unknown[] = [];
      const [went, none] = run([...before, row, ...after], (error, sample) => {
        expect(error).toMatchObject(expected);
        told.push(sample);
      });
      expect([told, none]).toEqual([[row], undefined]);
      expect(JSON.stringify(went)).toBe(JSON.stringify(run([...before, ...after])[0]));
    },
  );
});
