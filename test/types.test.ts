/** What the compiler promises: `npm run check` compiles this file. */
import { type Observable, type OperatorFunction, of } from 'rxjs';
import { expectTypeOf, test } from 'vitest';
import {
  type Affine,
  type Batch,
  BatchNorm,
  type BatchNormalized,
  batchNorm,
  type FloatArray,
  type GroupNorm,
  groupNorm,
  type InstanceNorm,
  instanceNorm,
  LayerNorm,
  layerNorm,
  type Mode,
  type Moments,
  minibatch,
  type Normalized,
  type Normalizer,
  normalize,
  type RMSNorm,
  type Row,
  rmsNorm,
  StandardScaler,
  standardize,
  type Tensor,
  tensor,
  unbatch,
} from '../src/index.js';

interface Reading {
  readonly t: number;
  readonly id: string;
}
const readings: Observable<Reading> = of({ t: 1, id: 'a' });

test('types flow through a pipeline', () => {
  const batches = readings.pipe(minibatch({ size: 2, features: ['t'] }));
  expectTypeOf(batches).toEqualTypeOf<Observable<Batch<Reading>>>();

  batches.pipe(batchNorm()).subscribe((y) => {
    expectTypeOf(y.samples).toEqualTypeOf<readonly Reading[]>();
    expectTypeOf(y.moments).toEqualTypeOf<Moments>();
    expectTypeOf(y.data).toEqualTypeOf<FloatArray>();
  });
  batches
    .pipe(normalize(new BatchNorm(1)))
    .subscribe((y) => expectTypeOf(y.moments).toEqualTypeOf<Moments>());
  batches.pipe(batchNorm(), unbatch()).subscribe((row) => expectTypeOf(row.sample).toEqualTypeOf<Reading>());
  batches.pipe(batchNorm(new BatchNorm(1), { mode: 'eval' })).subscribe((y) => {
    expectTypeOf(y).not.toHaveProperty('moments');
    expectTypeOf(y.samples).toEqualTypeOf<readonly Reading[]>();
  });
  readings.pipe(minibatch({ size: 1, features: (reading) => [reading.t] }));
});

test('standardize: a sample becomes a row of it, a tensor stays what it is', () => {
  readings.pipe(standardize({}, { features: ['t'] })).subscribe((row) => {
    expectTypeOf(row).toEqualTypeOf<Row<Batch<Reading>>>();
    expectTypeOf(row.sample).toEqualTypeOf<Reading>();
  });
  readings.pipe(standardize(new StandardScaler(1), { features: ({ t }) => [t] }));
  of(1)
    .pipe(standardize())
    .subscribe((row) => expectTypeOf(row.sample).toEqualTypeOf<number>());
  const batches = readings.pipe(minibatch({ size: 2, features: ['t'] }));
  batches
    .pipe(standardize())
    .subscribe(({ samples }) => expectTypeOf(samples).toEqualTypeOf<readonly Reading[]>());
  batches
    .pipe(unbatch(), standardize({}, { warmup: 2 }))
    .subscribe((row) => expectTypeOf(row.sample).toEqualTypeOf<Reading>());
  expectTypeOf<StandardScaler['moments']>().toEqualTypeOf<Moments>();
  expectTypeOf<StandardScaler>().toExtend<Normalizer>();
});

test('what is normalized is still what it was', () => {
  interface Tagged extends Tensor {
    readonly kind: 'a';
    readonly a: number;
  }
  interface Other extends Tensor {
    readonly kind: 'b';
    readonly b: string;
  }
  of<Tagged | Other>()
    .pipe(batchNorm())
    .subscribe((y) => {
      if (y.kind === 'a') expectTypeOf(y.a).toEqualTypeOf<number>();
      else expectTypeOf(y.b).toEqualTypeOf<string>();
    });
  // With the moments that training adds, it is still what normalizing as such promises.
  expectTypeOf<Normalized<Batch<Reading>, BatchNormalized>>().toExtend<Normalized<Batch<Reading>>>();
  expectTypeOf<Normalized<Batch<Reading>>>().toExtend<Batch<Reading>>();
});

test('every norm keeps the contract', () => {
  type Learnable = Normalizer & {
    readonly gamma: Float64Array;
    readonly beta: Float64Array;
    backward(dy: Tensor): { dx: Tensor; dgamma: Float64Array; dbeta: Float64Array };
  };
  expectTypeOf<BatchNorm | LayerNorm | GroupNorm | InstanceNorm | RMSNorm>().toExtend<Learnable>();
  expectTypeOf(LayerNorm.fromJSON).toEqualTypeOf<(json: unknown) => LayerNorm>();
  expectTypeOf<[number | readonly number[], { eps: number; affine: boolean; dtype: 'float32' }]>().toExtend<
    ConstructorParameters<typeof LayerNorm>
  >();
  expectTypeOf<InstanceNorm['toAffine']>().returns.toEqualTypeOf<Affine>();
  for (const operator of [layerNorm, rmsNorm, instanceNorm]) {
    expectTypeOf(operator<Batch<Reading>>()).toExtend<
      OperatorFunction<Batch<Reading>, Normalized<Batch<Reading>>>
    >();
  }
  readings
    .pipe(minibatch({ size: 2, features: ['t'] }), groupNorm({ groups: 1 }))
    .subscribe((y) => expectTypeOf(y.samples).toEqualTypeOf<readonly Reading[]>());
});

test('the contract holds as written', () => {
  expectTypeOf(tensor).toEqualTypeOf<
    (data: FloatArray | readonly number[], shape: readonly number[]) => Tensor
  >();
  expectTypeOf(minibatch<Reading>({ size: 1, features: ['t'] })).toExtend<
    OperatorFunction<Reading, Batch<Reading>>
  >();
  expectTypeOf(normalize<Batch<Reading>>(new BatchNorm(1))).toExtend<
    OperatorFunction<Batch<Reading>, Tensor>
  >();
  type Options = { mode?: Mode };
  expectTypeOf(normalize).toExtend<(normalizer: Normalizer, options?: Options) => unknown>();
  expectTypeOf<[BatchNorm]>().toExtend<Parameters<typeof normalize>>();
  expectTypeOf<[BatchNorm, Options]>().toExtend<Parameters<typeof normalize>>();
  expectTypeOf(batchNorm).toExtend<(norm: BatchNorm, options?: Options) => unknown>();
  const wrapped = (norm: BatchNorm, options?: Options): OperatorFunction<Batch<Reading>, Tensor>[] => [
    normalize<Batch<Reading>>(norm, options),
    batchNorm<Batch<Reading>>(norm, options),
    batchNorm<Batch<Reading>>(undefined, { mode: 'eval' }),
  ];
  expectTypeOf(wrapped).returns.items.toExtend<OperatorFunction<Batch<Reading>, Tensor>>();
  expectTypeOf<BatchNorm['toAffine']>().returns.toEqualTypeOf<Affine>();
  expectTypeOf<BatchNorm['gamma']>().toEqualTypeOf<Float64Array>();
});
