/** Alarms with hysteresis: raised when a score reaches its level, cleared when all are well below. */
import { OptionError, StateError } from '../errors.js';
import { knownOptions, numberBetween } from '../options.js';
import type { DriftScores } from './drift-of.js';

/** What scores have to reach, each in its own unit and by its size; one that is not named raises no alarm. */
export interface DriftLevels {
  /** In standard deviations of the reference. */
  readonly shift?: number;
  /** ln 4 is twice, or half, the spread. */
  readonly logVarianceRatio?: number;
  /** In nats. */
  readonly divergence?: number;
}

const names: readonly (keyof DriftLevels)[] = ['shift', 'logVarianceRatio', 'divergence'];

/** How a feature's scores compare with their levels: 1 where one of them is reached; NaN where they do not tell. */
type Severity = (scores: DriftScores, i: number, n: number, m: number) => number;

/**
 * How many of its own standard deviations a log variance ratio is from 0, if both are of Gaussian values of one variance.
 * (The ratio then has an F distribution, whose cube root is nearly Gaussian, in the tails too.)
 *
 * Source: Paulson 1942, Annals of Mathematical Statistics 13, 233–235.
 */
function deviationsOfRatio(logRatio: number, n: number, m: number): number {
  if (logRatio > 0) return deviationsOfRatio(-logRatio, m, n);
  const root = Math.exp(logRatio / 3);
  const [a, b] = [2 / (9 * (n - 1)), 2 / (9 * (m - 1))];
  return (1 - a - (1 - b) * root) / Math.sqrt(a + b * root * root);
}

/** By what the scores of a stream that does not drift come to: the more values, the less. */
const byDeviations =
  (deviations: number): Severity =>
  ({ shift, logVarianceRatio }, i, n, m) => {
    const ofMean = Math.abs(shift[i]!) / Math.sqrt(1 / n + 1 / m) / deviations;
    const ofSpread = Math.abs(deviationsOfRatio(logVarianceRatio[i]!, n, m)) / deviations;
    return ofMean >= 1 ? ofMean : Math.max(ofMean, ofSpread);
  };

function byLevels(levels: DriftLevels): Severity {
  knownOptions('raise', levels, names);
  const watched = names.filter((name) => levels[name] !== undefined);
  if (watched.length === 0)
    throw new OptionError('raise', 'a number, or a level of one score or more', levels);
  const given = watched.map(
    (name) =>
      [name, numberBetween(`raise.${name}`, levels[name], Number.MIN_VALUE, Number.MAX_VALUE)] as const,
  );
  return (scores, i) => {
    let worst = 0;
    for (const [name, level] of given) {
      const severity = Math.abs(scores[name][i]!) / level;
      if (severity >= 1) return severity;
      worst = Math.max(worst, severity); // NaN stays
    }
    return worst;
  };
}

/** When alarms are raised, and when cleared; checked. */
export interface AlarmRule {
  readonly severity: Severity;
  /** The part of what raises an alarm that everything must be below for it to be cleared. */
  readonly clear: number;
}

/** @throws OptionError */
export const alarmRule = (raise: number | DriftLevels, clear: number): AlarmRule => ({
  severity:
    typeof raise === 'number'
      ? byDeviations(numberBetween('raise', raise, Number.MIN_VALUE, Number.MAX_VALUE))
      : byLevels(raise),
  clear: numberBetween('clear', clear, 0, 1),
});

/** What has changed: features, by index. */
export interface AlarmChange {
  readonly raised: readonly number[];
  readonly cleared: readonly number[];
}

const none: readonly number[] = Object.freeze([]);

/** Which features are in alarm. */
export class Alarms {
  static readonly noChange: AlarmChange = { raised: none, cleared: none };
  /** Their indices, in order. A fresh list after each change. */
  current: readonly number[] = none;
  readonly #rule: AlarmRule;
  readonly #isUp: Uint8Array;

  constructor(channels: number, rule: AlarmRule) {
    this.#rule = rule;
    this.#isUp = new Uint8Array(channels);
  }

  /**
   * Goes by new scores; those that do not tell change nothing.
   * @param n values they were made of, a feature
   * @param m values of the reference
   */
  judge(scores: DriftScores, n: Float64Array, m: Float64Array): AlarmChange {
    const { severity, clear } = this.#rule;
    return this.#change((isUp, i) => {
      const is = severity(scores, i, n[i]!, m[i]!);
      return isUp ? !(is < clear) : is >= 1;
    });
  }

  /** Goes on from saved state. @throws StateError */
  restore(where: string, json: unknown): void {
    const isUp = this.#isUp;
    const isIndex = (value: unknown, at: number, all: unknown[]): boolean =>
      Number.isInteger(value) &&
      (value as number) < isUp.length &&
      (value as number) > (at > 0 ? Number(all[at - 1]) : -1);
    if (!Array.isArray(json) || !json.every(isIndex))
      throw new StateError(where, `indices of ${isUp.length} features, in order`, json);
    this.#change((_, i) => json.includes(i));
  }

  /** Clears them all. */
  clear(): AlarmChange {
    return this.#change(() => false);
  }

  #change(next: (isUp: boolean, i: number) => boolean): AlarmChange {
    const isUp = this.#isUp;
    const raised: number[] = [];
    const cleared: number[] = [];
    for (let i = 0; i < isUp.length; i++) {
      const was = isUp[i] === 1;
      const is = next(was, i);
      if (was === is) continue;
      isUp[i] = Number(is);
      (is ? raised : cleared).push(i);
    }
    if (raised.length === 0 && cleared.length === 0) return Alarms.noChange;
    this.current = Object.freeze(Array.from(isUp.keys()).filter((i) => isUp[i] === 1));
    return { raised, cleared };
  }
}
