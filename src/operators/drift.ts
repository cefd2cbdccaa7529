/** Items in, the same items out, each with how far the stream has drifted by then. */
import { DriftMonitor, type DriftReading } from '../drift/drift-monitor.js';
import type { DriftScores } from '../drift/drift-of.js';
import { type DriftRuleOptions, driftRule, driftRuleNames } from '../drift/drift-rule.js';
import { OptionError } from '../errors.js';
import { knownOptions, optionalFunction } from '../options.js';
import { checkWidth } from '../samples/features.js';
import { intakeOf } from '../samples/intake.js';
import { Moments } from '../stats/moments.js';
import { type Annotated, type AnnotateOptions, type Annotator, annotate, type Feature } from './annotate.js';
import { Watch, type WatchedOperator } from './watched.js';

/** How far the stream has drifted. */
export interface Drift extends DriftScores {
  /** Whether any feature is in alarm. */
  readonly alarm: boolean;
  /** The features in alarm; of these, the ones that came into it with this item; and those that were, and no longer are. */
  readonly alarms: readonly Feature[];
  readonly raised: readonly Feature[];
  readonly cleared: readonly Feature[];
}

/** What an item leaves with. */
export interface Drifted {
  readonly drift: Drift;
}

/** A feature whose alarm is raised, or cleared. */
export interface DriftEvent {
  readonly feature: Feature;
  /** Rows that its monitor had taken in by then. */
  readonly rows: number;
  readonly shift: number;
  readonly logVarianceRatio: number;
  readonly divergence: number;
}

/** What has come of all subscriptions so far. */
export interface DriftStats {
  /** Rows compared, or learned by a reference. */
  readonly rows: number;
  /** Samples and batches that were refused, and told to `onInvalid`. */
  readonly invalid: number;
  readonly raised: number;
  readonly cleared: number;
  /** How many alarms were raised, by feature; of those in which there were any. */
  readonly raisedBy: Readonly<Record<Feature, number>>;
  /** Features in alarm just now, in any subscription. */
  readonly alarms: readonly Feature[];
}

interface Hooks {
  /** Told of each feature before the item leaves that raised its alarm. What these throw ends the stream as `map`'s would. */
  readonly onAlarm?: (event: DriftEvent) => void;
  readonly onClear?: (event: DriftEvent) => void;
}

/** What compares the rows: it outlives `retry`, `repeat` and resubscription, and can be saved. */
interface Shared {
  readonly monitor: DriftMonitor;
}

/** A reference and a window of each subscription's own, or a monitor that has them. */
export type DriftOptions<T> = AnnotateOptions<T> & Hooks & (DriftRuleOptions | Shared);

const known = [
  'features',
  'onInvalid',
  'missing',
  ...driftRuleNames,
  'monitor',
  'onAlarm',
  'onClear',
] as const;
type Options<T> = AnnotateOptions<T> & Hooks & Partial<DriftRuleOptions & Shared>;

/**
 * Compares the latest rows with a reference, feature by feature, and raises an alarm where they differ by more than chance.
 *
 * Items are samples, as `minibatch` takes them, or tensors: a row `[C]`, or a batch `[N, C, …positions]`, taken as a whole.
 * They leave as they came (a sample as a row `[C]`, with its `sample`), with `drift`: the scores of `driftOf`, and the alarms.
 * Scores tell from the first rows on; alarms are judged once the window is full. Missing values are refused, or with `'keep'`
 * count for nothing in their feature. Memory: size / stride statistics. Options give each subscription a reference and a window of
 * its own; a `monitor` is shared, and goes on where it was.
 *
 * @throws OptionError at once, for an option that cannot be used
 * @returns an operator whose errors are SampleError, naming row, feature and value, and ShapeError; nothing was learned from
 *   what was at fault. It can be watched: `stats`, `stats$`
 * @example
 * import { from } from 'rxjs';
 * import { drift, Moments } from 'evenkeel';
 * const reference = Moments.from({ count: 1000, mean: [20], variance: [1] });
 * from([20, 21, 19, 20, 30, 31])
 *   .pipe(drift({ reference, size: 4 }))
 *   .subscribe(({ sample, drift }) => console.log(sample, drift.shift[0]!.toFixed(1), drift.alarm));
 * // 20 0.0 false
 * // 21 0.5 false
 * // 19 0.0 false
 * // 20 0.0 false
 * // 30 2.5 true
 * // 31 5.0 true
 */
export function drift<T>(options: DriftOptions<T>): WatchedOperator<T, Annotated<T, Drifted>, DriftStats> {
  const given: Options<T> = knownOptions<Options<T>>('options', options, known);
  const { onAlarm, onClear } = given;
  const { columns, monitorOf } = monitorsOf(given);
  optionalFunction('onAlarm', onAlarm);
  optionalFunction('onClear', onClear);
  const { names } = intakeOf(options);
  if (columns !== undefined) checkWidth(names, columns, 'the reference has channels');
  const named = (features: readonly number[]): readonly Feature[] =>
    names && features.length > 0 ? features.map((i) => names[i]!) : features;

  const counts = { rows: 0, invalid: 0, raised: 0, cleared: 0 };
  const raisedBy = new Map<Feature, number>();
  const monitors = new Set<DriftMonitor>(given.monitor && [given.monitor]);
  const watch = new Watch<DriftStats>(() => ({
    ...counts,
    raisedBy: Object.fromEntries(raisedBy),
    alarms: named([...new Set([...monitors].flatMap(({ alarmed }) => alarmed))]),
  }));

  function start(): Annotator<Drifted> {
    let monitor: DriftMonitor | undefined;
    function of(channels: number): DriftMonitor {
      if (monitor === undefined) {
        monitor = monitorOf(channels);
        monitors.add(monitor);
      }
      return monitor;
    }

    function note({ scores, alarmed, raised, cleared }: DriftReading): Drifted {
      const alarms = named(alarmed);
      const { shift, logVarianceRatio, divergence } = scores; // a spread of them takes several times as long
      const drift = {
        shift,
        logVarianceRatio,
        divergence,
        alarm: alarms.length > 0,
        alarms,
        raised: named(raised),
        cleared: named(cleared),
      };
      return { drift };
    }

    function tell(
      hook: ((event: DriftEvent) => void) | undefined,
      features: readonly Feature[],
      drift: Drift,
      rows: number,
    ): void {
      if (!hook) return;
      for (const feature of features) {
        const i = typeof feature === 'string' ? names!.indexOf(feature) : feature;
        const { shift, logVarianceRatio, divergence } = drift;
        hook({
          feature,
          rows,
          shift: shift[i]!,
          logVarianceRatio: logVarianceRatio[i]!,
          divergence: divergence[i]!,
        });
      }
    }

    return {
      get columns() {
        return monitor?.channels ?? columns;
      },
      ofRow(row) {
        counts.rows++;
        return note(of(row.length).update(row));
      },
      ofBatch(x, { n, c }) {
        counts.rows += n;
        return note(of(c).updateBatch(x));
      },
      noted({ drift }) {
        counts.raised += drift.raised.length;
        counts.cleared += drift.cleared.length;
        for (const feature of drift.raised) raisedBy.set(feature, (raisedBy.get(feature) ?? 0) + 1);
        const { rows } = monitor!; // before anyone is told, who may send the next
        tell(onAlarm, drift.raised, drift, rows);
        tell(onClear, drift.cleared, drift, rows);
      },
      emitted: () => watch.changed(),
      release() {
        if (monitor && monitor !== given.monitor) monitors.delete(monitor);
      },
    };
  }
  function refused(): void {
    counts.invalid++;
    watch.changed();
  }
  return watch.on(annotate<T, Drifted>(options, start, refused));
}

/** Who compares rows of so many channels, for one subscription; and how many these are, where that is known. */
interface Monitors {
  readonly columns: number | undefined;
  monitorOf(channels: number): DriftMonitor;
}

/** @throws OptionError where it is not told once */
function monitorsOf<T>({ monitor, reference, size, stride, raise, clear, relearn }: Options<T>): Monitors {
  const rule = { reference, size, stride, raise, clear, relearn } as DriftRuleOptions;
  if (monitor === undefined) {
    driftRule(rule);
    const columns = reference instanceof Moments ? reference.channels : undefined;
    return { columns, monitorOf: (channels) => new DriftMonitor(channels, rule) };
  }
  if (!(monitor instanceof DriftMonitor)) throw new OptionError('monitor', 'a DriftMonitor', monitor);
  for (const [name, value] of Object.entries(rule))
    if (value !== undefined) throw new OptionError(name, 'left out, as it is that of the monitor', value);
  return { columns: monitor.channels, monitorOf: () => monitor };
}
