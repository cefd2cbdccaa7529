/** The Page–Hinkley test: how far values have strayed from their mean, in sum. */
import { StateError } from '../errors.js';
import { finite, numbersFromJSON, numbersToJSON, stateOf } from '../json.js';
import { add } from '../kernels/double-double.js';
import { MEAN, MEAN_LOW } from '../kernels/planes.js';
import { type Checks, numberBetween, oneOf, positiveInteger, savedOptions, settle } from '../options.js';
import { Moments, planesOf } from '../stats/moments.js';
import { checkValue, type Detector } from './detector.js';

/** Named as river's; the defaults are river's. */
export interface PageHinkleyOptions {
  /** Values before a change can be found; 30. */
  readonly minInstances?: number;
  /** How far a value may be from the mean, in its unit, without adding to the sum; 0.005. */
  readonly delta?: number;
  /** What the sum has to exceed; 50. */
  readonly threshold?: number;
  /** What is left of the sum from one value to the next; 0.9999. */
  readonly alpha?: number;
  /** Which changes of the mean are looked for; `'both'`. */
  readonly mode?: 'both' | 'up' | 'down';
}

const checks: Checks<PageHinkleyOptions> = {
  minInstances: (value = 30) => positiveInteger('minInstances', value),
  delta: (value = 0.005) => numberBetween('delta', value, 0, Number.MAX_VALUE),
  threshold: (value = 50) => numberBetween('threshold', value, 0, Number.MAX_VALUE),
  alpha: (value = 0.9999) => numberBetween('alpha', value, 0, 1),
  mode: (value = 'both') => oneOf('mode', value, ['both', 'up', 'down'] as const),
};

/** The sums of upward and of downward deviations, the least of the first and the greatest of the second. */
const [UP, DOWN, LEAST_UP, MOST_DOWN] = [0, 1, 2, 3] as const;

/**
 * Finds lasting changes of the mean: the deviations from the mean of all values so far, less `delta` each, are summed, and a
 * change is where the sum has risen by more than `threshold` above its least; or the same downwards. After a change it
 * starts anew.
 *
 * The recurrence is river's; the mean is kept in two words, so that deviations hold at any offset. `delta` and `threshold` are
 * in the values' unit. The defaults are for values of small spread, as of errors 0 and 1: the sum of noise of sd 1 strays by 50
 * once in about 2000 values; and with an `alpha` below 1 a `delta` tells for 1 / (1 - alpha) values only, as what it took off
 * is forgotten too. For standardized values choose `{ delta: 0.25, threshold: 25, alpha: 1 }`. Memory: 10 numbers.
 *
 * Sources: Page 1954, doi:10.1093/biomet/41.1-2.100; Hinkley 1971, doi:10.1093/biomet/58.3.509.
 *
 * @example
 * import { PageHinkley } from 'evenkeel';
 * const test = new PageHinkley({ threshold: 10 });
 * for (let i = 1; i <= 200; i++) {
 *   if (test.update(i <= 100 ? 20 : 21)) console.log('changed by value', i);
 * }
 * // changed by value 111
 */
export class PageHinkley implements Detector {
  readonly #options: Required<PageHinkleyOptions>;
  #moments = new Moments(1);
  readonly #sums = new Float64Array(4);
  #isChanged = false;

  /** @throws OptionError naming the option that cannot be used */
  constructor(options: PageHinkleyOptions = {}) {
    this.#options = settle(checks, options);
  }

  /**
   * @param value finite; NaN is missing, and counts for nothing
   * @returns whether a change is found with it
   * @throws OptionError at any other value
   */
  update(value: number): boolean {
    checkValue(value);
    if (Number.isNaN(value)) return false;
    if (this.#isChanged) this.reset();
    this.#moments.update([value]);
    const learned = planesOf(this.#moments);
    const { minInstances, delta, threshold, alpha, mode } = this.#options;
    const deviation = add(value, 0, -learned[MEAN]!, -learned[MEAN_LOW]!);
    const sums = this.#sums;
    const up = alpha * sums[UP]! + deviation - delta;
    const down = alpha * sums[DOWN]! + deviation + delta;
    const isFirst = this.#moments.count[0] === 1;
    sums[UP] = up;
    sums[DOWN] = down;
    sums[LEAST_UP] = isFirst ? up : Math.min(sums[LEAST_UP]!, up);
    sums[MOST_DOWN] = isFirst ? down : Math.max(sums[MOST_DOWN]!, down);
    if (this.#moments.count[0]! < minInstances) return false;
    const rose = mode !== 'down' && up - sums[LEAST_UP]! > threshold;
    const fell = mode !== 'up' && sums[MOST_DOWN]! - down > threshold;
    this.#isChanged = rose || fell;
    return this.#isChanged;
  }

  /** Forgets all values. */
  reset(): void {
    this.#moments = new Moments(1);
    this.#sums.fill(0);
    this.#isChanged = false;
  }

  /** Plain JSON: `PageHinkley.fromJSON(JSON.parse(JSON.stringify(p)))` continues as `p` would, bit for bit. */
  toJSON(): unknown {
    const [moments, sums] = [this.#moments.toJSON(), numbersToJSON(this.#sums)];
    const [options, isChanged] = [{ ...this.#options }, this.#isChanged];
    return { kind: 'PageHinkley', version: 1, options, moments, sums, isChanged };
  }

  /** @throws StateError if `json` is not the state of a `PageHinkley`, naming what was expected and what came */
  static fromJSON(json: unknown): PageHinkley {
    const { options, moments, sums, isChanged } = stateOf('PageHinkley', 1, json);
    const test = new PageHinkley(savedOptions('PageHinkley.options', checks, options));
    test.#moments = Moments.fromJSON(moments);
    const { channels } = test.#moments;
    if (channels !== 1) throw new StateError('PageHinkley.moments.channels', '1', channels);
    test.#sums.set(numbersFromJSON('PageHinkley.sums', sums, 4, finite));
    if (typeof isChanged !== 'boolean') throw new StateError('PageHinkley.isChanged', 'a boolean', isChanged);
    test.#isChanged = isChanged;
    return test;
  }
}
