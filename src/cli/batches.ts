/** Checked rows to minibatches, of all rows or of a key's each, that know their rows and when these happened. */
import { identity, type MonoTypeOperatorFunction, map, type OperatorFunction } from 'rxjs';
import { type DriftEvent, drift } from '../operators/drift.js';
import { minibatch } from '../operators/minibatch.js';
import { minibatchBy } from '../operators/minibatch-by.js';
import type { Tensor } from '../tensor.js';
import type { Arguments } from './arguments.js';
import type { Row } from './intake.js';
import { type Learned, mostKeys } from './learned.js';
import type { Checked } from './rows.js';
import type { Source } from './sources/source.js';

/** Live data is not kept waiting for longer than this, in milliseconds, unless asked to. */
const LIVE_MAX_WAIT_MS = 1000;

/** A minibatch of rows. */
export interface RowBatch extends Tensor {
  readonly samples: readonly Row[];
  readonly key?: string;
  readonly times?: Float64Array;
}

export function batches(
  args: Arguments,
  { live }: Pick<Source, 'live'>,
): OperatorFunction<Checked, RowBatch> {
  const maxWaitMs = args.maxWait ?? (live ? LIVE_MAX_WAIT_MS : undefined);
  const options = {
    size: args.size,
    missing: 'keep',
    ...(maxWaitMs !== undefined && { maxWaitMs }),
    ...(args.timestamp && { timestamp: ({ sample }: Checked) => sample.time! }),
  } as const;
  const { key } = args;
  const batched =
    key === undefined
      ? minibatch<Checked>(options)
      : minibatchBy<Checked>(({ sample }) => sample.key!, { ...options, maxKeys: mostKeys(args) });
  return (rows$) =>
    rows$.pipe(
      batched,
      map((batch): RowBatch => ({ ...batch, samples: batch.samples.map(({ sample }) => sample) })),
    );
}

/** Who is told of features that drift, and that no longer do. */
export interface DriftHooks {
  /** Those that did already when the run before was interrupted. */
  readonly drifted: (features: readonly string[]) => void;
  readonly drifts: (event: DriftEvent) => void;
  readonly settles: (event: DriftEvent) => void;
}

/** Compares the latest rows as the monitor of what is learned does, where there is one. */
export function drifting(
  { features, drift: monitor }: Learned,
  hooks: DriftHooks,
): MonoTypeOperatorFunction<RowBatch> {
  if (monitor === undefined) return identity;
  hooks.drifted(monitor.alarmed.map((i) => features[i]!));
  return drift<RowBatch>({
    features,
    missing: 'keep',
    monitor,
    onAlarm: (event) => hooks.drifts(event),
    onClear: (event) => hooks.settles(event),
  });
}
