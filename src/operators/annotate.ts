/** Items in, the same items out, each with what was made of its rows. */
import type { OperatorFunction } from 'rxjs';
import { checkValues } from '../check-values.js';
import type { SampleError } from '../errors.js';
import { oneOf } from '../options.js';
import { type IntakeOptions, intakeOf } from '../samples/intake.js';
import { channelsOf, isBatch, isTensor, type Tensor, type View, viewOf } from '../tensor.js';
import { carry } from './carry.js';
import { type Batch, operate, type Row } from './operate.js';

/** A feature, by its name where names are known, else by its index. */
export type Feature = string | number;

export interface AnnotateOptions<T> extends IntakeOptions<T> {
  /** null, undefined and NaN: refused, or left out of what is computed of their feature. `'error'`. */
  readonly missing?: 'error' | 'keep';
}

/** A tensor, with what else it carried; or the row of a sample, `[C]` in float64, with the sample. And with `note`. */
export type Annotated<T, Note> = (T extends Tensor ? T : Row<Batch<T>>) & Note;

/** Makes notes of rows, and of batches, for one subscription. */
export interface Annotator<Note> {
  /** How many values a row has, once that is known. */
  readonly columns?: number | undefined;
  /** @param row good until the next one */
  ofRow(row: Float64Array): Note;
  /** @param x of no values but those that may be there */
  ofBatch(x: Tensor, view: View): Note;
  /** Before the item leaves with its note. */
  noted?(note: Note): void;
  /** After it has left. */
  emitted(): void;
  /** However the subscription ends. */
  release?(): void;
}

/**
 * @param refused told of each sample, or batch, that cannot be used, before anyone else is
 * @throws OptionError at once, for an option that cannot be used
 */
export function annotate<T, Note extends object>(
  options: AnnotateOptions<T>,
  start: () => Annotator<Note>,
  refused: () => void,
): OperatorFunction<T, Annotated<T, Note>> {
  const { missing = 'error' } = options;
  oneOf('missing', missing, ['error', 'keep']);
  const { open } = intakeOf(options, refused);

  return operate<T, Annotated<T, Note>>((out) => {
    const annotator = start();
    const { columns } = annotator;
    const intake = open({ size: 1, dtype: 'float64', keepMissing: missing === 'keep', columns });

    function emit(y: Tensor, note: Note): void {
      annotator.noted?.(note);
      out.next(Object.assign(y, note) as Annotated<T, Note>);
      annotator.emitted();
    }

    /** What it carried, in an object to be added to. */
    const copyOf = (item: Tensor): Tensor => carry(item, { data: item.data, shape: item.shape });

    function row(item: T): void {
      if (!intake.offer(item) || out.closed) return; // reading it may have ended the subscription
      if (isTensor(item)) emit(copyOf(item), annotator.ofRow(intake.buffer.lend() as Float64Array));
      else {
        const { data } = intake.buffer.take();
        emit({ data, shape: [data.length], sample: item } as Row, annotator.ofRow(data as Float64Array));
      }
    }

    function batch(item: T & Tensor): void {
      const view = viewOf(item, annotator.columns ?? channelsOf(item));
      try {
        checkValues(item.data, view, missing);
      } catch (error) {
        intake.refuse(error as SampleError, item);
        return;
      }
      intake.buffer.expect(view.c);
      emit(copyOf(item), annotator.ofBatch(item, view));
    }

    return {
      next(item) {
        if (isBatch(item)) batch(item);
        else row(item);
      },
      release: () => annotator.release?.(),
    };
  });
}
