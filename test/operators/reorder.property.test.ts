import { fc, test } from '@fast-check/vitest';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import { reorder } from '../../src/index.js';
import {
  ahead,
  bounds,
  type Event,
  events,
  isSample,
  Now,
  type Overflow,
  outcome,
  type Sample,
  samplesOf,
} from './stream.js';

interface Fate {
  readonly out: number[];
  readonly late: number[];
  readonly ahead: number[];
  readonly dropped: number[];
  error: string | undefined;
}

const timeOf = ({ t }: Sample): number => t as number;
const hasTime = ({ t }: Sample): boolean => typeof t === 'number' && Math.abs(t) <= 8.64e15;

/** The same with an array that is sorted each time. */
function model(
  all: readonly Event[],
  latenessMs: number,
  maxRows: number,
  overflow: Overflow,
  maxAheadMs = Infinity,
): Fate {
  const fate: Fate = { out: [], late: [], ahead: [], dropped: [], error: undefined };
  const now = new Now();
  let held: Sample[] = [];
  let [watermark, passed, latest] = [-Infinity, -Infinity, -Infinity];
  const sort = (): Sample[] => held.sort((a, b) => timeOf(a) - timeOf(b) || a.id - b.id);
  const release = (to: number): void => {
    fate.out.push(
      ...sort()
        .filter((one) => timeOf(one) <= to)
        .map(({ id }) => id),
    );
    held = held.filter((one) => timeOf(one) > to);
    passed = Math.max(passed, to);
  };
  for (const event of all) {
    if (event === 'idle') {
      now.flush();
      release(latest);
    } else if (!isSample(event)) {
      watermark = Math.max(watermark, event.advance);
      release(watermark);
    } else if (hasTime(event.sample)) {
      const time = timeOf(event.sample);
      if (time > now.ms + maxAheadMs) {
        fate.ahead.push(event.sample.id);
        continue;
      }
      now.touch();
      if (time < passed) fate.late.push(event.sample.id);
      else {
        latest = Math.max(latest, time);
        watermark = Math.max(watermark, time - latenessMs);
        const wouldHold = [...held, event.sample].filter((one) => timeOf(one) > watermark).length;
        if (wouldHold > maxRows && overflow === 'error') {
          fate.error = 'EVENKEEL_OVERFLOW';
          break;
        }
        if (wouldHold > maxRows && overflow === 'drop-newest') fate.dropped.push(event.sample.id);
        else held.push(event.sample);
        release(watermark);
        while (held.length > maxRows) {
          if (overflow === 'emit-early') release(timeOf(sort()[0]!));
          else fate.dropped.push(sort().shift()!.id);
        }
      }
    }
  }
  release(Infinity);
  return fate;
}

test.prop([events, fc.integer({ min: 0, max: 20 }), bounds, ahead], { numRuns: 10_000 })(
  'each sample leaves in the order of event time, or is put aside, as of an array that is sorted each time',
  (all, latenessMs, { maxRows, overflow }, maxAheadMs) => {
    const scheduler = new VirtualTimeScheduler();
    const advanceTo = new Subject<number>();
    const [late, early]: [number[], number[]] = [[], []];
    const [dropped, invalid]: [number[], number[]] = [[], []];
    const operator = reorder<Sample>({
      timestamp: 't' as never,
      latenessMs,
      maxRows,
      overflow,
      idleMs: Now.idleMs,
      advanceTo,
      scheduler,
      onLate: ({ id }) => late.push(id),
      ...(maxAheadMs !== undefined && {
        maxAheadMs,
        onAhead: ({ id, t }, time) => early.push(time === t ? id : -1),
      }),
      onDropped: ({ id }) => dropped.push(id),
      onInvalid: (_error, sample) => invalid.push((sample as Sample).id),
    });
    let came = 0;
    const { out, error } = outcome(operator, (next, isOpen) => {
      for (const event of all) {
        if (isSample(event)) {
          if (isOpen()) came++;
          next(event.sample);
        } else if (event === 'idle') scheduler.flush();
        else advanceTo.next(event.advance);
      }
    });
    const expected = model(all, latenessMs, maxRows, overflow, maxAheadMs);
    const seen = samplesOf(all).slice(0, came);
    const unusable = seen.filter((one) => !hasTime(one)).map(({ id }) => id);
    expect({ out: out.map(({ id }) => id), late, ahead: early, dropped, error }).toEqual(expected);
    expect(invalid).toEqual(unusable);
    expect(operator.stats).toEqual({
      rows: came,
      emitted: expected.out.length,
      late: expected.late.length,
      ahead: expected.ahead.length,
      dropped: expected.dropped.length + (expected.error ? 1 : 0),
      invalid: unusable.length,
      held: 0,
    });
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
    expect(advanceTo.observed).toBe(false);
  },
);
