/** Samples in, normalized minibatches out: what the command is about. */
import {
  catchError,
  connect,
  defer,
  EMPTY,
  filter,
  identity,
  map,
  type Observable,
  type OperatorFunction,
  pipe,
  startWith,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { BatchNorm } from '../normalizers/batch-norm.js';
import { normalizeBy } from '../operators/normalize-by.js';
import { batchNorm } from '../operators/norms.js';
import type { Arguments } from './arguments.js';
import { batches, type DriftHooks, drifting, type RowBatch } from './batches.js';
import { compared } from './comparison.js';
import type { Ending } from './ending.js';
import { failureOf } from './exit-codes.js';
import type { Intake, Row } from './intake.js';
import { checkFeatures, type Learned, normalizerOf, unlearned } from './learned.js';
import type { Progress } from './position.js';
import { type Checked, checked, inOrder } from './rows.js';
import type { Step } from './sinks/sink.js';
import type { Source } from './sources/source.js';
import type { Counter } from './status.js';
import type { View } from './view.js';

/** What is known once the first value is: the operator for it and all that follow. */
function withFirst<T, R>(operator: () => OperatorFunction<T, R>): OperatorFunction<T, R> {
  return connect((all) =>
    all.pipe(
      take(1),
      switchMap((first) => all.pipe(startWith(first), operator())),
    ),
  );
}

function learnedOf(args: Arguments, names: readonly string[], saved: Learned | undefined): Learned {
  if (saved && args.state !== undefined) checkFeatures(args.state, saved, names);
  const learned = saved ?? unlearned(names, args);
  return { ...learned, drift: args.drift === undefined ? undefined : compared(learned, args.drift) };
}

/** Each minibatch by what is learned of all, or of its key. */
function normalizing({ normalizer }: Learned, args: Arguments): OperatorFunction<RowBatch, NormalizedRows> {
  const mode = args.eval ? 'eval' : 'train';
  if (normalizer instanceof BatchNorm) return batchNorm<RowBatch>(normalizer, { mode });
  return normalizeBy<RowBatch, BatchNorm>('key', normalizer, { mode }) as OperatorFunction<
    RowBatch,
    NormalizedRows
  >;
}

type NormalizedRows = RowBatch & Pick<Step['normalized'], 'moments' | 'drift'>;

/**
 * The same, counting rows that came too late to be learned: by what each minibatch adds, as a normalizer may have counted before
 * this run, and takes its count with it where its key is forgotten.
 */
function normalized(learned: Learned, args: Arguments): OperatorFunction<RowBatch, Normalized> {
  const lateOf = ({ key }: RowBatch): number => normalizerOf(learned, key)?.late ?? 0;
  return (batches$) =>
    defer(() => {
      let before = 0;
      return batches$.pipe(
        tap((batch) => {
          before = lateOf(batch);
        }),
        normalizing(learned, args),
        map((rows) => ({ rows, late: lateOf(rows) - before })),
      );
    });
}

interface Normalized extends Pick<Step, 'late'> {
  readonly rows: NormalizedRows;
}

export interface Pipeline {
  readonly args: Arguments;
  readonly source: Source;
  readonly intake: Intake;
  readonly saved: Learned | undefined;
  /** Of a file, which of its rows were learned before. */
  readonly progress?: Progress | undefined;
  /** What ends it early; the minibatch that is open then is closed and learned from. */
  readonly ending: Ending;
  /** Told of each row that is taken into a minibatch. */
  readonly view: Pick<View, 'row'>;
  /** Told of what is counted, and of the row that it is counted for. */
  readonly count: (counter: Counter, row: Row, many?: number) => void;
  readonly drift: DriftHooks;
  /** The source has come to its end; what is open then may still be to be learned. */
  readonly finished?: () => void;
}

/** Rows that are right, and of a file those that are not learned yet. */
function unlearnedOf(pipeline: Pipeline): OperatorFunction<Row, Checked> {
  const { progress } = pipeline;
  if (progress === undefined) return checked(pipeline);
  return pipe(
    tap(() => progress.judges()),
    checked(pipeline),
    filter(({ sample }) => progress.comes(sample)),
  );
}

export function steps(pipeline: Pipeline): Observable<Step> {
  const { args, source, intake, saved, progress, ending, view, finished } = pipeline;

  const learning = (): OperatorFunction<Row, Step> => {
    const learned = learnedOf(args, intake.names, saved);
    return (rows$) =>
      rows$.pipe(
        unlearnedOf(pipeline),
        tap(({ sample }) => view.row(sample)),
        batches(args, source),
        drifting(learned, pipeline.drift),
        normalized(learned, args),
        args.batches === undefined ? identity : take(args.batches),
        map(({ rows, late }, index) => {
          const { key } = rows;
          return {
            number: index + 1,
            key,
            late,
            normalized: rows,
            normalizer: normalizerOf(learned, key),
            learned,
          };
        }),
        tap(({ normalized: { samples } }) => progress?.learned(samples)),
      );
  };

  return source.samples$.pipe(
    // An end like any other, as far as what came before it is concerned.
    catchError((error: unknown) => {
      ending.end(failureOf(error));
      return EMPTY;
    }),
    progress ? identity : takeUntil(ending.when$),
    tap(({ place }) => progress?.reads(place)),
    map((sample) => intake.row(sample)),
    filter((row) => row !== undefined),
    inOrder(pipeline),
    tap({ complete: () => !ending.come && finished?.() }), // and all that was held has come
    // What is held for rows before it is read again where a run goes on: it would not be the same rows then.
    progress ? takeUntil(ending.when$) : identity,
    withFirst(learning),
  );
}
