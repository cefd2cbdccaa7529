import { fc, it } from '@fast-check/vitest';
import { FrameError, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../src/adapters/ws/frames.js';

const matrixOf = (value: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([n, c]) =>
      fc.tuple(fc.constant([n, c] as const), fc.array(value, { minLength: n * c, maxLength: n * c })),
    );

const received = (frame: ReturnType<typeof encodeFrame>, columns?: number): unknown[] =>
  decodeFrame(frame.binary ? frame.bytes : new TextDecoder().decode(frame.bytes), columns);

describe('what is sent is received', () => {
  it.prop([matrixOf(fc.double({ noDefaultInfinity: true }))])(
    'a tensor as JSON, value for value',
    ([[n, c], values]) => {
      const rows = received(encodeFrame(tensor(values, [n, c]))) as (number | null)[][];
      expect(rows).toHaveLength(n);
      expect(rows.flat()).toEqual(values.map((x) => (Number.isNaN(x) ? null : x === 0 ? 0 : x)));
    },
  );

  it.prop([matrixOf(fc.double({ min: -3.4e38, max: 3.4e38 }))])(
    'a tensor as binary, to float32',
    ([[n, c], values]) => {
      const rows = received(encodeFrame(tensor(values, [n, c]), 'binary'), c) as Float32Array[];
      expect(rows.map((row) => row.length)).toEqual(Array(n).fill(c));
      expect(rows.flatMap((row) => [...row])).toEqual(values.map(Math.fround));
    },
  );

  it.prop([fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))])('an object', (sample) => {
    expect(received(encodeFrame(sample))).toEqual([JSON.parse(JSON.stringify(sample))]);
  });
});

describe('whatever comes', () => {
  const orFrameError = (decode: () => unknown[]): void => {
    try {
      expect(decode().length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  };
  const hostileKey = fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'toJSON',
    'length',
    't',
  );
  const hostile = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('null', 'true', '"x"', '1e999', '-0', '1', '[]', '{}'),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(hostileKey, tie('value')), { maxLength: 3 })
        .map((pairs) => `{${pairs.map(([key, item]) => `"${key}":${item}`).join(',')}}`),
    ),
  })).value as fc.Arbitrary<string>;

  it.prop([fc.oneof(hostile, fc.string({ unit: 'binary' }), fc.json())], { numRuns: 10_000 })(
    'text is samples or a FrameError, and changes nothing',
    (text) => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      orFrameError(() => decodeFrame(text));
      expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  // As JSON, where -0 is 0 and __proto__ a key as any other.
  const same = (samples: unknown[], others: unknown[]): void =>
    expect(JSON.stringify(samples)).toBe(JSON.stringify(others));

  it.prop([fc.oneof(hostile, fc.json())], { numRuns: 10_000 })(
    'what is taken in can be sent on, alone or gathered, and comes back equal',
    (text) => {
      let samples: unknown[];
      try {
        samples = decodeFrame(text);
      } catch {
        return;
      }
      for (const sample of samples) {
        const back = received(encodeFrame(sample));
        const many = Array.isArray(sample) && sample.every(Array.isArray);
        same(back, many ? sample : [sample]);
      }
      const gathered = samples.filter((sample) => typeof sample === 'object' && sample !== null);
      if (gathered.length > 0) same(received(encodeFrame(gathered)), gathered);
    },
  );

  it.prop([fc.uint8Array({ minLength: 4, maxLength: 64 }), fc.constantFrom('json', 'binary')], {
    numRuns: 10_000,
  })('so can rows', (bytes, format) => {
    let rows: Float32Array[];
    try {
      rows = decodeFrame(bytes) as Float32Array[];
    } catch {
      return;
    }
    for (const row of rows) {
      const [back] = received(encodeFrame(row, format)) as (number | null)[][];
      const values = Array.from(back!, (value) => value ?? Number.NaN);
      expect(values).toEqual(Array.from(row, (value) => (format === 'json' && value === 0 ? 0 : value)));
    }
  });

  it.prop(
    [
      fc.uint8Array({ maxLength: 64 }),
      fc.nat(7),
      fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    ],
    { numRuns: 10_000 },
  )('bytes are rows or a FrameError', (bytes, offset, columns) =>
    orFrameError(() => decodeFrame(bytes.subarray(offset), columns)),
  );

  it.prop(
    [fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true })],
    { numRuns: 10_000 },
  )('what encodes also decodes; what does not is refused by an error with a code', (value) => {
    let frame: ReturnType<typeof encodeFrame>;
    try {
      frame = encodeFrame(value);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^EVENKEEL_(FRAME|SHAPE)$/) });
      return;
    }
    expect(received(frame).length).toBeGreaterThan(0);
  });
});
