/** Rows on their way to a minibatch: in the order of their times, without what cannot be right, without gaps. */
import {
  identity,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
  pipe,
  tap,
} from 'rxjs';
import type { SampleError } from '../errors.js';
import { type ImputePolicy, impute } from '../operators/impute.js';
import type { Mended } from '../operators/mend-rows.js';
import { quarantine } from '../operators/quarantine.js';
import { reorder } from '../operators/reorder.js';
import { LONGEST_WAIT } from '../options.js';
import type { Arguments } from './arguments.js';
import { type ByFeature, settingsOf } from './by-feature.js';
import { exitCodes, Failure } from './exit-codes.js';
import type { Intake, Row } from './intake.js';
import { mostKeys } from './learned.js';
import type { Source } from './sources/source.js';
import type { Counter } from './status.js';

/** A row whose values have been checked, `[C]`. */
export type Checked = Mended<Row>;

export interface RowsOptions {
  readonly args: Arguments;
  readonly source: Pick<Source, 'live'>;
  readonly intake: Intake;
  /** Told of what is counted, and of the row that it is counted for. */
  readonly count: (counter: Counter, row: Row, many?: number) => void;
}

/** The setting of each feature by its index. @throws Failure if there is one of a feature that there is not */
function byIndex<V>(option: string, by: ByFeature<V>, names: readonly string[]): Record<string, V> {
  const settings = settingsOf(by, names);
  if (typeof settings !== 'string')
    return Object.fromEntries(
      Object.entries(settings).filter((entry): entry is [string, V] => entry[1] !== undefined),
    );
  const why = `${JSON.stringify(settings)} is none of the features ${names.join(',')}`;
  throw new Failure(exitCodes.badArguments, `${option}: ${why}`);
}

/** Rows held at most, to be put in order. */
const MOST_HELD = 2 ** 20;

/**
 * Those too late are counted and left out. Where a live source falls silent for as long as a row may be late, none is waited
 * for any more.
 */
export function inOrder({
  args: { lateness, speed },
  source,
  count,
}: RowsOptions): MonoTypeOperatorFunction<Row> {
  if (lateness === undefined) return identity;
  const waits = source.live && !speed && lateness > 0;
  return reorder<Row>({
    timestamp: 'time',
    latenessMs: lateness,
    maxRows: MOST_HELD,
    overflow: 'emit-early',
    ...(waits && { idleMs: Math.min(lateness, LONGEST_WAIT) }),
    onLate: (row) => count('late', row),
  });
}

/** The policies as `impute` has them, and which of its refusals are rows that are to be skipped. */
function missingPolicies({ args: { onMissing }, intake }: RowsOptions): {
  readonly policies: Record<string, ImputePolicy>;
  readonly skips: (error: SampleError) => boolean;
} {
  const given = byIndex('--on-missing', onMissing ?? { others: 'error', features: new Map() }, intake.names);
  const policies = Object.entries(given).map(([index, policy]) => [
    index,
    policy === 'skip' ? 'error' : policy,
  ]);
  return {
    policies: Object.fromEntries(policies),
    skips: ({ code, feature }) => code === 'EVENKEEL_MISSING' && given[String(feature)] === 'skip',
  };
}

/** Rows whose values are numbers, finite, within their limits, and missing only where they may be. */
export function checked(options: RowsOptions): OperatorFunction<Row, Checked> {
  const { args, intake, count } = options;
  const { policies, skips } = missingPolicies(options);
  const features = ({ values }: Row): readonly number[] => values as readonly number[]; // checked there
  const rowOf = (item: unknown): Row => ((item as { readonly sample?: Row }).sample ?? item) as Row;
  const onInvalid = (error: SampleError, item: unknown): void => {
    if (skips(error)) count('missing', rowOf(item));
    else intake.invalid(error, rowOf(item));
  };
  const filled = {
    missing: policies,
    onInvalid,
    ...(args.timestamp && { timestamp: (item: unknown) => rowOf(item).time! }),
    ...(args.key !== undefined && { key: (item: unknown) => rowOf(item).key!, maxKeys: mostKeys(args) }),
  };
  const missingIn = ({ values }: Row): number => values.filter(isMissing).length;
  const counted = args.onMissing
    ? tap(({ sample }: Checked) => count('missing', sample, missingIn(sample)))
    : identity<Observable<Checked>>;
  if (args.limits === undefined) return pipe(impute<Row>({ ...filled, features }), counted);
  const limits = byIndex('--limits', args.limits, intake.names);
  return pipe(
    quarantine<Row>({
      features,
      limits,
      onInvalid,
      onQuarantined: ({ sample }) => count('quarantined', sample),
    }),
    impute<Checked>(filled),
    counted,
  );
}

const isMissing = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
