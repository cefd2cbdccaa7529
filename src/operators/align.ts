/** Sources of different rates in, samples of all of them at the ticks of one clock out. */
import {
  defer,
  endWith,
  map,
  merge,
  type Observable,
  type ObservableInput,
  type ObservedValueOf,
  startWith,
} from 'rxjs';
import { OptionError, OverflowError, SampleError, type SampleErrorCode } from '../errors.js';
import { isPlainObject } from '../plain-object.js';
import { timeOf } from '../samples/timestamp.js';
import { type AlignOptions, alignOptions } from './align-options.js';
import { type AlignCounts, Aligner, type Source } from './aligner.js';
import { inputOf } from './event-time.js';
import { Lull } from './lull.js';
import { operate } from './operate.js';
import { Watch, type Watched } from './watched.js';

/** The time of a tick, and each source's value then; NaN where it has none. */
export type Aligned<N extends string> = { readonly time: number } & { readonly [name in N]: number };

export interface AlignStats {
  /** That were emitted. */
  readonly ticks: number;
  /** That were not, as no source had a value. */
  readonly empty: number;
  readonly sources: { readonly [name: string]: Readonly<AlignCounts> };
}

type Sources = Readonly<Record<string, ObservableInput<unknown>>>;
type SampleOf<S extends Sources> = ObservedValueOf<S[keyof S]>;

/** A sample of a source, by its place, or that it begins or ends. */
interface Said<T> {
  readonly at: number;
  readonly what: 'begin' | 'sample' | 'end';
  readonly sample?: T;
}

/**
 * Brings sources of different rates to one clock, by event time, as `combineLatest` does not: each tick is a sample
 * `{ time, [name]: value or NaN }`, for `minibatch({ features: names, missing: 'keep' })`, `impute` and the like.
 *
 * A tick leaves once every source is known up to it: it has a time at or after the tick, or it has ended, or it has been silent
 * while the greatest time of all went on by more than `toleranceMs` beyond both its last sample and the tick. What is emitted
 * depends on times only, not on how the sources take turns, as long as nothing is late (and with `'linear'` no source was
 * silent for that long): a sample is late, if its time is before that of its source's last one, or not after the last tick
 * that left. Of equal times the last sample counts, for what has not left. A missing value
 * tells the time to `'latest'`, and nothing to `'linear'`. Ticks at which all values would be NaN are not emitted, but counted.
 *
 * It ends when all sources have, with the ticks up to the greatest time; before an error these leave too. No timer runs unless
 * there is `idleMs`. A single time that is far ahead of all others makes these late, unless `maxAheadMs` puts it aside.
 *
 * @param sources the names, and what each is subscribed to
 * @throws OptionError at once, for an option that cannot be used
 * @returns an observable with `stats`, whose errors are SampleError, naming the row of the source, source and property, and
 *   value; OverflowError; and those of the sources
 * @example
 * import { of } from 'rxjs';
 * import { align } from 'evenkeel';
 * const fast = of({ t: 0, value: 1 }, { t: 60, value: 4 }, { t: 140, value: 8 }, { t: 200, value: 5 });
 * const slow = of({ t: 10, value: 20 }, { t: 210, value: 40 });
 * align({ fast, slow }, { everyMs: 100, timestamp: 't', method: 'linear', toleranceMs: 500 }).subscribe((sample) =>
 *   console.log(sample),
 * );
 * // { time: 0, fast: 1, slow: NaN }
 * // { time: 100, fast: 6, slow: 29 }
 * // { time: 200, fast: 5, slow: 39 }
 */
export function align<S extends Sources>(
  sources: S,
  options: AlignOptions<SampleOf<S>>,
): Observable<Aligned<keyof S & string>> & Watched<AlignStats> {
  type T = SampleOf<S>;
  const inputs = inputsOf<T>(sources);
  const names = inputs.map(([name]) => name);
  const { everyMs, farthest, clock, value, method, toleranceMs, startAt, ...rest } = alignOptions(options);
  const { maxBuffered, overflow, idleMs, scheduler, onLate, onAhead, greatest, onInvalid } = rest;
  const counts = names.map(
    (): AlignCounts => ({
      values: 0,
      passed: 0,
      held: 0,
      late: 0,
      ahead: 0,
      missing: 0,
      dropped: 0,
      invalid: 0,
    }),
  );
  let [ticks, empty] = [0, 0];
  const watch = new Watch<AlignStats>(() => ({
    ticks,
    empty,
    sources: Object.fromEntries(names.map((name, at) => [name, { ...counts[at]! }])),
  }));

  const toClock = operate<Said<T>, Aligned<keyof S & string>>((out) => {
    const aligner = new Aligner(
      counts,
      { everyMs, method, toleranceMs, startAt },
      {
        emit(time, values) {
          if (out.closed) return false;
          const sample: Record<string, number> = { time };
          for (let at = 0; at < names.length; at++) sample[names[at]!] = values[at]!;
          ticks++;
          out.next(sample as Aligned<keyof S & string>);
          watch.changed();
          return !out.closed;
        },
        skip(count) {
          empty += count;
        },
      },
    );
    const lull = idleMs === undefined ? undefined : new Lull(idleMs, scheduler, () => aligner.leaveAll());

    function refuse(at: number, code: SampleErrorCode, property: string, read: unknown, sample: T): void {
      const error = new SampleError(code, aligner.sources[at]!.rows - 1, `${names[at]}.${property}`, read);
      counts[at]!.invalid++;
      watch.changed();
      if (onInvalid === 'error') throw error;
      onInvalid(error, sample);
    }

    function bound(source: Source): void {
      const { track, counts } = source;
      if (track.length <= maxBuffered) return;
      if (overflow === 'error')
        throw new OverflowError(
          'maxBuffered',
          maxBuffered,
          `align, ${names[aligner.sources.indexOf(source)]}`,
        );
      if (overflow === 'emit-early') {
        aligner.leaveTo(track.nextTick);
        return;
      }
      if (overflow === 'drop-oldest') track.drop();
      else track.pop();
      counts.held--;
      counts.dropped++;
      watch.changed();
    }

    function take(at: number, sample: T): void {
      const source = aligner.sources[at]!;
      const most = greatest();
      const told = clock.read(sample);
      const read = value.read(sample);
      if (out.closed) return; // reading the sample may have ended the subscription
      const { counts } = source;
      counts.values++;
      source.rows++;
      const time = timeOf(told);
      const isMissing = read === null || read === undefined || Number.isNaN(read);
      if (!(Math.abs(time) <= farthest)) refuse(at, 'EVENKEEL_NOT_A_NUMBER', clock.name, told, sample);
      else if (!isMissing && typeof read !== 'number')
        refuse(at, 'EVENKEEL_NOT_A_NUMBER', value.name, read, sample);
      else if (Math.abs(read as number) === Infinity)
        refuse(at, 'EVENKEEL_NOT_FINITE', value.name, read, sample);
      else if (time > most) {
        counts.ahead++;
        watch.changed();
        onAhead?.(sample, time, names[at]!);
      } else {
        if (isMissing) {
          counts.missing++;
          aligner.see(source, time);
        } else if (aligner.isLate(source, time)) {
          counts.late++;
          watch.changed();
          onLate?.(sample, time, names[at]!);
        } else {
          aligner.take(source, time, read as number);
          bound(source);
        }
        aligner.leave();
        if (!out.closed) lull?.touch();
      }
    }

    const finish = (): void => {
      aligner.leaveAll();
      aligner.clear('passed');
    };
    return {
      next({ at, what, sample }) {
        const source = aligner.sources[at]!;
        if (what === 'sample') take(at, sample as T);
        else {
          if (what === 'begin') aligner.begin(source);
          else source.ended = true;
          aligner.leave();
        }
      },
      error: finish,
      complete: finish,
      release() {
        lull?.stop();
        aligner.clear('dropped');
      },
    };
  });

  const said = inputs.map(([, input], at) =>
    input.pipe(
      map((sample): Said<T> => ({ at, what: 'sample', sample })),
      startWith<Said<T>>({ at, what: 'begin' }),
      endWith<Said<T>>({ at, what: 'end' }),
    ),
  );
  return watch.on(defer(() => merge(...said)).pipe(toClock));
}

/** @throws OptionError */
function inputsOf<T>(sources: Sources): [name: string, input: Observable<T>][] {
  if (!isPlainObject(sources) || Object.keys(sources).length === 0)
    throw new OptionError('sources', 'one or more, by name', sources);
  return Object.entries(sources).map(([name, source]) => {
    if (['', 'time', '__proto__'].includes(name))
      throw new OptionError('sources', "named, and not 'time', as the tick's is", name);
    return [name, inputOf(`sources.${name}`, source as ObservableInput<T>)];
  });
}
