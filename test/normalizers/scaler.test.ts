/** What every scaler does alike. */
import { fc, test } from '@fast-check/vitest';
import { MaxAbsScaler, MinMaxScaler, RobustScaler, type Scaler, StandardScaler, tensor } from 'evenkeel';
import { describe, expect } from 'vitest';
import { thrownBy } from '../thrown-by.js';

interface Common {
  readonly missing?: 'error' | 'keep' | 'mean';
  readonly dtype?: 'float32' | 'float64';
}
const kinds: [string, (features: number, options?: Common) => Scaler, (json: unknown) => Scaler][] = [
  ['StandardScaler', (n, options) => new StandardScaler(n, options), StandardScaler.fromJSON],
  [
    'StandardScaler, unbiased with a half-life',
    (n, options) => new StandardScaler(n, { running: { halfLifeRows: 3 }, ddof: 1, ...options }),
    StandardScaler.fromJSON,
  ],
  [
    'StandardScaler, clipped',
    (n, options) => new StandardScaler(n, { clip: 0.5, ...options }),
    StandardScaler.fromJSON,
  ],
  [
    'MinMaxScaler',
    (n, options) => new MinMaxScaler(n, { range: [-2, 5], ...options }),
    MinMaxScaler.fromJSON,
  ],
  [
    'MinMaxScaler, clipped',
    (n, options) => new MinMaxScaler(n, { clip: true, ...options }),
    MinMaxScaler.fromJSON,
  ],
  ['MaxAbsScaler', (n, options) => new MaxAbsScaler(n, options), MaxAbsScaler.fromJSON],
  ['RobustScaler', (n, options) => new RobustScaler(n, options), RobustScaler.fromJSON],
  [
    'RobustScaler, clipped, not centred',
    (n, options) => new RobustScaler(n, { clip: 1, withCentering: false, quantiles: [0.1, 1], ...options }),
    RobustScaler.fromJSON,
  ],
];
const state = (scaler: Scaler): string => JSON.stringify(scaler);

/** Not so small that its square underflows: Moments says what becomes of those. */
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-100 ? 0 : x));
const rowsOf = (value: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 12 });
const rows = rowsOf(finite);
const gappy = rowsOf(fc.oneof({ weight: 4, arbitrary: finite }, fc.constant(Number.NaN)));
const batchOf = (rows: readonly number[][]): ReturnType<typeof tensor> =>
  tensor(rows.flat(), [rows.length, 2]);

describe.each(kinds)('%s', (name, make, fromJSON) => {
  test.prop([gappy, gappy])('forward is to learn, then to infer; infer is to transform each row', (a, b) => {
    const [whole, parts] = [make(2, { missing: 'keep' }), make(2, { missing: 'keep' })];
    whole.forward(batchOf(a));
    const y = whole.forward(batchOf(b));
    parts.updateBatch(batchOf(a));
    parts.updateBatch(batchOf(b));
    expect(state(whole)).toBe(state(parts));
    expect(y).toEqual(parts.infer(batchOf(b)));
    expect([...y.data]).toEqual(b.flatMap((row) => [...parts.transform(row)]));
    expect(whole.rows).toBe(a.length + b.length);
  });

  test.prop([gappy])('a batch is its rows, one after the other', (rows) => {
    const [batch, single] = [make(2, { missing: 'mean' }), make(2, { missing: 'mean' })];
    batch.updateBatch(batchOf(rows));
    for (const row of rows) single.update(row);
    rows.forEach((row) => {
      const [y, z] = [batch.transform(row), single.transform(row)];
      y.forEach((value, i) => {
        expect(Math.abs(value - z[i]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
      });
    });
    expect(batch.rows).toBe(single.rows);
  });

  test('positions are values of their channel’s feature', () => {
    const [images, flat] = [make(2), make(2)];
    const y = images.forward(tensor([1, 2, 10, 40, 4, 8, 20, 25], [2, 2, 2]));
    flat.forward(tensor([1, 10, 2, 40, 4, 20, 8, 25], [4, 2]));
    expect(y.shape).toEqual([2, 2, 2]);
    if (!state(images).includes('halfLife')) {
      const [a, b] = [images, flat].map((scaler) => scaler.transform([3, 30]));
      a!.forEach((value, i) => {
        expect(value).toBeCloseTo(b![i]!, 14);
      });
    }
    expect([...y.data.slice(0, 2)]).toEqual([1, 2].map((x) => images.transform([x, 0])[0]));
    expect([...y.data.slice(2, 4)]).toEqual([10, 40].map((x) => images.transform([0, x])[1]));
  });

  test('the type emitted is that of the tensor, unless asked for', () => {
    for (const data of [Float32Array.of(1, 2, 3, 4), Float64Array.of(1, 2, 3, 4)]) {
      const x = tensor(data, [2, 2]);
      expect(make(2).forward(x).data.constructor).toBe(data.constructor);
      expect(make(2).infer(x).data.constructor).toBe(data.constructor);
      expect(make(2, { dtype: 'float32' }).forward(x).data).toBeInstanceOf(Float32Array);
      expect(make(2, { dtype: 'float64' }).infer(x).data).toBeInstanceOf(Float64Array);
    }
    expect(make(2, { dtype: 'float32' }).transform([1, 2])).toBeInstanceOf(Float64Array);
  });

  test.prop([gappy, gappy, fc.nat(12)])('saved and continued is never having stopped', (a, b, split) => {
    const [through, stopped] = [make(2, { missing: 'mean' }), make(2, { missing: 'mean' })];
    let continued = stopped;
    const part = name.startsWith('Robust') ? 1 : 0.5; // a sketch counts whole values
    a.forEach((row, i) => {
      through.update(row, 1 + (i % 3) * part);
      continued.update(row, 1 + (i % 3) * part);
      if (i === split) continued = fromJSON(JSON.parse(state(continued)));
      expect(continued.transform(row)).toEqual(through.transform(row));
    });
    continued = fromJSON(JSON.parse(state(continued)));
    expect(continued.forward(batchOf(b))).toEqual(through.forward(batchOf(b)));
    expect(state(continued)).toBe(state(through));
    expect([continued.rows, continued.missing, continued.features]).toEqual([through.rows, 'mean', 2]);
  });

  test.prop([rows])('a weight of 0 teaches nothing, though what is refused is refused', (rows) => {
    const [scaler, other] = [make(2), make(2)];
    for (const row of rows) {
      scaler.update(row);
      other.update(row);
    }
    scaler.update([1e9, -1e9], 0);
    expect(scaler.transform([1, 2])).toEqual(other.transform([1, 2]));
    expect(scaler.rows).toBe(rows.length);
    expect(thrownBy(() => scaler.update([1, Infinity], 0))).toMatchObject({ code: 'EVENKEEL_NOT_FINITE' });
  });

  test('missing: refused, kept, or the centre', () => {
    const learn = (missing?: Common['missing']): Scaler => {
      const scaler = make(2, missing && { missing });
      for (const row of [
        [1, -7],
        [3, 1],
        [5, 3],
      ])
        scaler.update(row);
      return scaler;
    };
    const [refusing, keeping, filling] = [learn(), learn('keep'), learn('mean')];
    const gap = [Number.NaN, 1];
    const before = state(refusing);
    for (const action of [
      () => refusing.update(gap),
      () => refusing.transform(gap),
      () => refusing.inverse(gap),
      () => refusing.forward(tensor([1, 2, ...gap], [2, 2])),
      () => refusing.infer(tensor(gap, [1, 2])),
    ]) {
      expect(thrownBy(action)).toMatchObject({ code: 'EVENKEEL_MISSING', feature: 0 });
    }
    expect(state(refusing)).toBe(before);
    const there = keeping.transform([0, 1])[1];
    expect([...keeping.transform(gap)]).toEqual([Number.NaN, there]);
    expect([...keeping.infer(tensor(gap, [1, 2])).data]).toEqual([Number.NaN, there]);
    expect(keeping.inverse(gap)[0]).toBeNaN();
    const [filled] = filling.transform(gap);
    expect(filled).not.toBeNaN();
    expect(filling.infer(tensor(gap, [1, 2])).data[0]).toBe(filled);
    // What it stands for is the same there and back; at it, a value is in no way remarkable.
    const [centre] = filling.inverse(gap);
    expect(filling.transform([centre!, 0])[0]).toBeCloseTo(filled!, 14);
    filling.update([Number.NaN, 2]);
    keeping.update([Number.NaN, 2]);
    expect(keeping.transform([2, 2])).toEqual(filling.transform([2, 2]));
  });

  test('what is refused changes nothing', () => {
    const scaler = make(2, { missing: 'keep' });
    scaler.update([1, 2]);
    scaler.update([4, 9]);
    const before = state(scaler);
    const refused: [() => unknown, object][] = [
      [() => scaler.update([1]), { code: 'EVENKEEL_ARITY' }],
      [() => scaler.update(5 as never), { code: 'EVENKEEL_ARITY' }],
      [() => scaler.update(Float64Array.of(1, -Infinity)), { code: 'EVENKEEL_NOT_FINITE', feature: 1 }],
      [() => scaler.update([1, Infinity]), { code: 'EVENKEEL_NOT_FINITE', feature: 1, value: Infinity }],
      [() => scaler.update([null as never, 1]), { code: 'EVENKEEL_NOT_A_NUMBER', feature: 0 }],
      [() => scaler.update([1, 2], -1), { code: 'EVENKEEL_OPTION', option: 'weight' }],
      [() => scaler.transform([1, 2, 3]), { code: 'EVENKEEL_ARITY' }],
      [() => scaler.transform([-Infinity, 3]), { code: 'EVENKEEL_NOT_FINITE', feature: 0 }],
      [() => scaler.inverse(['1', 3] as never), { code: 'EVENKEEL_NOT_A_NUMBER' }],
      [() => scaler.inverse([1, Infinity]), { code: 'EVENKEEL_NOT_FINITE' }],
      [() => scaler.forward(tensor([9, 9, 9, -Infinity], [2, 2])), { row: 1, feature: 1 }],
      [() => scaler.forward(tensor([9, 9, 9], [1, 3])), { code: 'EVENKEEL_SHAPE' }],
      [() => scaler.infer(tensor([9, 9, 9], [1, 3])), { code: 'EVENKEEL_SHAPE' }],
      [() => scaler.updateBatch([1, 2] as never), { code: 'EVENKEEL_SHAPE' }],
    ];
    for (const [action, expected] of refused) expect(thrownBy(action)).toMatchObject(expected);
    expect(state(scaler)).toBe(before);
  });

  test('a row that learns while it is read is read once, and loses nothing', () => {
    const scaler = make(1);
    let reads = 0;
    const row = {
      length: 1,
      get 0(): number {
        if (reads++ === 0) scaler.update([10]);
        return 20;
      },
    };
    scaler.update(row);
    expect([reads, scaler.rows]).toEqual([1, 2]);
    const other = make(1);
    other.update([10]);
    other.update([20]);
    expect(state(scaler)).toBe(state(other));
  });

  test('what was handed out is not the state, and is not written again', () => {
    const scaler = make(1);
    scaler.update([1]);
    scaler.update([3]);
    const [first, inferred] = [scaler.transform([2.5]), scaler.infer(tensor([2.5], [1, 1]))];
    const kept = [first[0], inferred.data[0]];
    scaler.update([100]);
    scaler.transform([7]);
    expect([first[0], inferred.data[0]]).toEqual(kept);
    const input = Float64Array.of(2.5);
    scaler.transform(input);
    scaler.inverse(input);
    expect(input[0]).toBe(2.5);
  });

  test('transform writes where it is asked to, to the row itself too, in the type that is there', () => {
    const scaler = make(2, { missing: 'mean' });
    for (const row of [
      [1, 20],
      [3, 80],
      [4, 30],
    ])
      scaler.update(row);
    const row = Float64Array.of(2.5, Number.NaN);
    const expected = scaler.transform(row);
    const narrow = new Float32Array(2);
    expect(scaler.transform(row, narrow)).toBe(narrow);
    expect(narrow).toEqual(Float32Array.from(expected));
    expect(scaler.transform(row, row)).toBe(row);
    expect(row).toEqual(expected);
    for (const bad of [new Float32Array(3), [0, 0], new Int8Array(2), null])
      expect(thrownBy(() => scaler.transform([1, 2], bad as never))).toMatchObject({
        code: 'EVENKEEL_SHAPE',
      });
    narrow.fill(7);
    expect(thrownBy(() => scaler.transform([1, Infinity], narrow))).toMatchObject({ feature: 1 });
    expect([...narrow]).toEqual([7, 7]);
  });

  test('an affine is not made anew until something is learned', () => {
    const scaler = make(1);
    scaler.update([1]);
    scaler.update([3]);
    let fits = 0;
    const { fit } = scaler as unknown as { fit(into: object): void };
    Object.assign(scaler, {
      fit(into: object) {
        fits++;
        fit.call(scaler, into);
      },
    });
    for (let i = 0; i < 5; i++) scaler.transform([i]);
    scaler.inverse([0]);
    scaler.infer(tensor([1], [1, 1]));
    expect(fits).toBe(1);
    scaler.update([5]);
    scaler.transform([1]);
    scaler.transform([1]);
    expect(fits).toBe(2);
  });

  test('before anything was learned, zero is in its place and all comes back', () => {
    const scaler = make(2);
    expect(scaler.rows).toBe(0);
    expect(scaler.transform([0, 0])).toEqual(fromJSON(JSON.parse(state(scaler))).transform([0, 0]));
    expect([...scaler.inverse(scaler.transform([0.25, 0.5]))]).toEqual([0.25, 0.5]);
  });

  test.each<[string, (json: Record<string, unknown>) => object]>([
    ['kind', (json) => ({ ...json, kind: 'BatchNorm' })],
    ['version', (json) => ({ ...json, version: 2 })],
    ['features', (json) => ({ ...json, features: 0 })],
    ['channels', (json) => ({ ...json, features: 3 })],
    ['rows', (json) => ({ ...json, rows: -1 })],
    ['options', (json) => ({ ...json, options: {} })],
    ['options', (json) => ({ ...json, options: null })],
    ['options', (json) => ({ ...json, options: { ...(json['options'] as object), eps: 1 } })],
    ['options', (json) => ({ ...json, options: { ...(json['options'] as object), missing: 'skip' } })],
    ['', (json) => ({ ...json, statistic: undefined })],
    ['', (json) => ({ ...json, statistic: {} })],
  ])('damaged state: %s', (where, damage) => {
    const scaler = make(2, { missing: 'keep' });
    scaler.update([1, 2]);
    const json = JSON.parse(state(scaler)) as Record<string, unknown>;
    expect(state(fromJSON(json))).toBe(state(scaler));
    const error = thrownBy(() => fromJSON(damage(json))) as Error;
    expect(error).toMatchObject({ code: 'EVENKEEL_STATE' });
    expect(error.message).toContain(where);
  });

  test.each([0, 1.5, '2', null])('%j features cannot be', (features) => {
    expect(thrownBy(() => make(features as number))).toMatchObject({
      code: 'EVENKEEL_OPTION',
      option: 'features',
    });
  });

  test.each<[object, string]>([
    [{ missing: 'skip' }, 'missing'],
    [{ missing: null }, 'missing'],
    [{ dtype: 'float16' }, 'dtype'],
    [{ eps: 1 }, 'options.eps'],
  ])('%j', (options, option) => {
    expect(thrownBy(() => make(2, options))).toMatchObject({ code: 'EVENKEEL_OPTION', option });
  });
});

describe('merged', () => {
  test.prop([fc.nat(kinds.length - 1), gappy, gappy, fc.array(finite, { minLength: 2, maxLength: 2 })])(
    'shards are one, rows too; the other is left as it was',
    (which, a, b, row) => {
      const [name, make] = kinds[which]!;
      const [one, other, whole] = [1, 2, 3].map(() => make(2, { missing: 'keep' }));
      for (const learned of a) one!.update(learned);
      for (const learned of b) other!.update(learned);
      for (const learned of [...a, ...b]) whole!.update(learned);
      const before = state(other!);
      one!.merge(other!);
      expect(state(other!)).toBe(before);
      expect(one!.rows).toBe(a.length + b.length);
      if (name.includes('half-life')) return; // what is merged is as recent as the last row
      one!.transform(row).forEach((value, i) => {
        const expected = whole!.transform(row)[i]!;
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
      });
    },
  );

  test('a scaler of another kind, or of other features, is refused', () => {
    const scaler = new MinMaxScaler(2);
    scaler.update([1, 2]);
    const before = state(scaler);
    for (const other of [new MaxAbsScaler(2), scaler.extrema, undefined, null, {}])
      expect(thrownBy(() => scaler.merge(other as never))).toMatchObject({ code: 'EVENKEEL_OPTION' });
    expect(thrownBy(() => scaler.merge(new MinMaxScaler(3)))).toMatchObject({ code: 'EVENKEEL_SHAPE' });
    expect(state(scaler)).toBe(before);
  });

  test('a scaler merged with itself has seen all twice', () => {
    for (const [name, make] of kinds) {
      const [merged, twice] = [make(2), make(2)];
      const seen = [
        [1, 5],
        [2, 7],
      ];
      for (const row of seen) merged.update(row);
      merged.merge(merged);
      for (const row of [...seen, ...seen]) twice.update(row);
      expect(merged.rows).toBe(4);
      if (!name.includes('half-life')) expect(merged.transform([1, 5])).toEqual(twice.transform([1, 5]));
    }
  });
});
