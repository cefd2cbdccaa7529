/** Samples in, normalized minibatches out: what the command is about. */
import {
  catchError,
  connect,
  EMPTY,
  filter,
  identity,
  map,
  type Observable,
  type OperatorFunction,
  startWith,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { BatchNorm } from '../normalizers/batch-norm.js';
import type { BatchNormOptions } from '../normalizers/batch-norm-options.js';
import { minibatch } from '../operators/minibatch.js';
import { batchNorm } from '../operators/norms.js';
import type { Arguments } from './arguments.js';
import type { Ending } from './ending.js';
import { failureOf } from './exit-codes.js';
import type { Intake, Row } from './intake.js';
import type { Step } from './sinks/sink.js';
import type { Source } from './sources/source.js';
import { checkFeatures, type Learned } from './state-file.js';
import type { View } from './view.js';

/** Live data is not kept waiting for longer than this, in milliseconds, unless asked to. */
const LIVE_MAX_WAIT_MS = 1000;

/** What is known once the first value is: the operator for it and all that follow. */
function withFirst<T, R>(operator: () => OperatorFunction<T, R>): OperatorFunction<T, R> {
  return connect((all) =>
    all.pipe(
      take(1),
      switchMap((first) => all.pipe(startWith(first), operator())),
    ),
  );
}

/** The options given on the command line, and no others. */
export function normalizerOptions({ running, eps }: Pick<Arguments, 'running' | 'eps'>): BatchNormOptions {
  return { ...(running !== undefined && { running }), ...(eps !== undefined && { eps }) };
}

function normalizerFor(args: Arguments, names: readonly string[], saved: Learned | undefined): Learned {
  if (saved && args.state !== undefined) checkFeatures(args.state, saved, names);
  // float64: whoever wants float32 narrows at the very end
  const fresh = (): BatchNorm =>
    new BatchNorm(names.length, { ...normalizerOptions(args), dtype: 'float64' });
  return saved ?? { features: names, normalizer: fresh() };
}

export interface Pipeline {
  readonly args: Arguments;
  readonly source: Source;
  readonly intake: Intake;
  readonly saved: Learned | undefined;
  /** What ends it early; the minibatch that is open then is closed and learned from. */
  readonly ending: Ending;
  /** Told of each row as it comes, and of each that is then refused. */
  readonly view: Pick<View, 'row' | 'refused'>;
}

export function steps({ args, source, intake, saved, ending, view }: Pipeline): Observable<Step> {
  const normalized = (): OperatorFunction<Row, Step> => {
    const learned = normalizerFor(args, intake.names, saved);
    const maxWaitMs = args.maxWait ?? (source.live ? LIVE_MAX_WAIT_MS : undefined);
    return (rows$) =>
      rows$.pipe(
        minibatch<Row>({
          size: args.size,
          ...(maxWaitMs !== undefined && { maxWaitMs }),
          features: ({ values }) => values as readonly number[], // checked there
          onInvalid: (error, row) => {
            view.refused();
            intake.invalid(error, row as Row);
          },
        }),
        batchNorm(learned.normalizer, { mode: args.eval ? 'eval' : 'train' }),
        args.batches === undefined ? identity : take(args.batches),
        map((batch, index) => ({ number: index + 1, normalized: batch, learned })),
      );
  };

  return source.samples$.pipe(
    // An end like any other, as far as what came before it is concerned.
    catchError((error: unknown) => {
      ending.end(failureOf(error));
      return EMPTY;
    }),
    takeUntil(ending.when$),
    map((sample) => intake.row(sample)),
    filter((row) => row !== undefined),
    tap((row) => view.row(row)),
    withFirst(normalized),
  );
}
