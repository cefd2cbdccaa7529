/** Items in, the same items out, each with the features in which a detector has found a change. */
import type { Detector } from '../drift/detector.js';
import { OptionError } from '../errors.js';
import { knownOptions } from '../options.js';
import { intakeOf } from '../samples/intake.js';
import { type Annotated, type AnnotateOptions, type Annotator, annotate, type Feature } from './annotate.js';
import { Watch, type WatchedOperator } from './watched.js';

/** What an item leaves with. */
export interface WithChanges {
  /** The features in which a change was found with this item, in order. */
  readonly changes: readonly Feature[];
}

/** What has come of all subscriptions so far. */
export interface ChangeStats {
  readonly rows: number;
  /** Samples and batches that were refused, and told to `onInvalid`. */
  readonly invalid: number;
  /** How many changes were found, in all, and by feature; of those in which there were any. */
  readonly changes: number;
  readonly changesOf: Readonly<Record<Feature, number>>;
}

/**
 * Looks for changes in each feature of a stream, with a detector each: `Adwin`, `PageHinkley`, or your own.
 *
 * Items are samples, as `minibatch` takes them, or tensors: a row `[C]`, or a batch `[N, C, …positions]`, whose values are
 * taken row by row. They leave as they came (a sample as a row `[C]`, with its `sample`), with `changes`. Detectors take
 * values as they are: standardize these first, or set the detector up for them. A missing value is refused, or with `'keep'`
 * counts for nothing in its feature.
 *
 * @param detector gives the detector of a feature, when its first row comes: a new one is fresh state for each subscription, one
 *   that was given before goes on where it was. What it throws ends the stream as `map`'s would
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row, feature and value, and ShapeError. It can be watched:
 *   `stats`, `stats$`
 * @example
 * import { range } from 'rxjs';
 * import { changePoints, PageHinkley } from 'evenkeel';
 * range(0, 200)
 *   .pipe(changePoints(() => new PageHinkley({ threshold: 10 }), { features: (i) => [i < 100 ? 20 : 21] }))
 *   .subscribe(({ sample, changes }) => {
 *     if (changes.length > 0) console.log(sample, changes);
 *   });
 * // 110 [ 0 ]
 */
export function changePoints<T>(
  detector: (feature: Feature) => Detector,
  options: AnnotateOptions<T> = {},
): WatchedOperator<T, Annotated<T, WithChanges>, ChangeStats> {
  if (typeof detector !== 'function')
    throw new OptionError('detector', 'a function that makes one', detector);
  knownOptions('options', options, ['features', 'onInvalid', 'missing']);
  const { names } = intakeOf(options);
  const counts = { rows: 0, invalid: 0, changes: 0 };
  const changesOf = new Map<Feature, number>();
  const watch = new Watch<ChangeStats>(() => ({ ...counts, changesOf: Object.fromEntries(changesOf) }));

  const featureOf = (i: number): Feature => names?.[i] ?? i;

  function note(
    rows: number,
    detectors: readonly Detector[],
    isChanged: (by: Detector, i: number) => boolean,
  ): WithChanges {
    const changes: Feature[] = [];
    detectors.forEach((by, i) => {
      if (isChanged(by, i)) changes.push(featureOf(i));
    });
    counts.rows += rows;
    counts.changes += changes.length;
    for (const feature of changes) changesOf.set(feature, (changesOf.get(feature) ?? 0) + 1);
    return { changes };
  }

  function make(i: number): Detector {
    const feature = featureOf(i);
    const made: unknown = detector(feature);
    if (typeof Object(made).update !== 'function')
      throw new OptionError(`detector(${JSON.stringify(feature)})`, 'a detector', made);
    return made as Detector;
  }

  function start(): Annotator<WithChanges> {
    let detectors: readonly Detector[] | undefined;
    /** Those of so many features. */
    function those(features: number): readonly Detector[] {
      detectors ??= Array.from({ length: features }, (_, i) => make(i));
      return detectors;
    }

    return {
      get columns() {
        return detectors?.length;
      },
      ofRow: (row) => note(1, those(row.length), (by, i) => by.update(row[i]!)),
      ofBatch({ data }, { n, c, l }) {
        return note(n, those(c), (by, i) => {
          let isChanged = false;
          for (let row = 0; row < n; row++)
            for (let at = (row * c + i) * l, end = at + l; at < end; at++)
              if (by.update(data[at]!)) isChanged = true;
          return isChanged;
        });
      },
      emitted: () => watch.changed(),
    };
  }
  function refused(): void {
    counts.invalid++;
    watch.changed();
  }
  return watch.on(annotate<T, WithChanges>(options, start, refused));
}
