/** What was seen of each feature: the statistics of its values, the last one, and when that was. */
import { StateError } from '../errors.js';
import { numbersFromJSON, numbersToJSON, type Range, stateOf } from '../json.js';
import { channelCount } from '../options.js';
import { valuesOf } from '../row.js';
import { checkTime, LATEST_TIME } from '../times.js';
import { Moments } from './moments.js';

const valueOrNone: Range = { expected: 'a finite number, or NaN', holds: (x) => Math.abs(x) !== Infinity };
const timeOrNone: Range = {
  expected: 'an event time, or NaN',
  holds: (x) => Number.isNaN(x) || Math.abs(x) <= LATEST_TIME,
};

/**
 * Mean and last value of each feature: what `impute` fills in with, by hand, and to be shared and saved. A missing value (NaN) is
 * not seen.
 *
 * @example
 * import { SeenValues } from 'evenkeel';
 * const seen = new SeenValues(2);
 * seen.update([20, 4], 1000);
 * seen.update([22, Number.NaN], 2000);
 * console.log(seen.moments.mean, seen.last); // Float64Array(2) [ 21, 4 ] Float64Array(2) [ 22, 4 ]
 * console.log(seen.times); // Float64Array(2) [ 2000, 1000 ]
 */
export class SeenValues {
  /** Of all values. Read them. */
  readonly moments: Moments;
  /** The value that came last, shape `[features]`; NaN where there was none. Read it, do not write to it. */
  readonly last: Float64Array;
  /** When that was, in ms, likewise. */
  readonly times: Float64Array;

  /** @throws OptionError unless `features` is a positive integer */
  constructor(features: number) {
    this.moments = new Moments(channelCount('features', features));
    this.last = new Float64Array(features).fill(Number.NaN);
    this.times = this.last.slice();
  }

  get features(): number {
    return this.moments.channels;
  }

  /**
   * Sees one row.
   * @param row a value a feature; NaN is missing
   * @param time when it was, in ms
   * @throws SampleError (not a number, not finite, wrong arity), OptionError (the time), nothing having been seen
   */
  update(row: ArrayLike<number>, time: number): void {
    checkTime('time', time);
    const values = valuesOf(row, this.features);
    this.moments.update(values);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      this.last[i] = values[i]!;
      this.times[i] = time;
    }
  }

  /** Plain JSON; `fromJSON` continues from it bit for bit. */
  toJSON(): unknown {
    const [last, times] = [numbersToJSON(this.last), numbersToJSON(this.times)];
    return { kind: 'SeenValues', version: 1, moments: this.moments.toJSON(), last, times };
  }

  /** @throws StateError if `json` is not the state of `SeenValues`, naming what was expected and what came */
  static fromJSON(json: unknown): SeenValues {
    const { moments: saved, last, times } = stateOf('SeenValues', 1, json);
    const moments = Moments.fromJSON(saved);
    const { channels } = moments;
    const seen = new SeenValues(channels);
    seen.last.set(numbersFromJSON('SeenValues.last', last, channels, valueOrNone));
    seen.times.set(numbersFromJSON('SeenValues.times', times, channels, timeOrNone));
    seen.last.forEach((value, i) => {
      const isSeen = moments.count[i]! > 0;
      if (Number.isNaN(value) === isSeen)
        throw new StateError(`SeenValues.last[${i}]`, 'there where values were seen', value);
      if (Number.isNaN(seen.times[i]) === isSeen)
        throw new StateError(`SeenValues.times[${i}]`, 'there where values were seen', seen.times[i]);
    });
    seen.moments.merge(moments);
    return seen;
  }
}
