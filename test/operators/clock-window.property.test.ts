import { fc, test } from '@fast-check/vitest';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import { notifierWindow, sessionWindow, tumblingWindow } from '../../src/index.js';
import { bounds, isUsable, type Overflow, outcome, plain, type Sample, windowOf } from './stream.js';

/** Samples and when they come: bursts, gaps; or what closes a window. */
const arrivals = fc
  .array(
    fc.record({
      after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 }), fc.constantFrom(0.5, 30)),
      x: fc.oneof(
        { weight: 12, arbitrary: fc.nat(9) },
        { weight: 1, arbitrary: fc.constantFrom<unknown>('x', null) },
      ),
      isNotice: fc.nat(5).map((n) => n === 0),
    }),
    { maxLength: 24 },
  )
  .map((all) => {
    let at = 0;
    return all.map(({ after, x, isNotice }, id) => {
      at += after;
      return { at, isNotice, sample: { id, x, t: at } as Sample };
    });
  });
type Arrival = { at: number; isNotice: boolean; sample: Sample };

interface Bound {
  readonly maxRows: number;
  readonly overflow: Overflow;
}

const times = (samples: readonly Sample[]): number[] => samples.map(({ t }) => t as number);

/** What becomes of groups of samples, each of which is a window, at the bound. */
function bounded(groups: readonly Sample[][], { maxRows, overflow }: Bound) {
  const windows: Sample[][] = [];
  const dropped: number[] = [];
  for (const group of groups) {
    if (overflow === 'emit-early')
      for (let i = 0; i < group.length; i += maxRows) windows.push(group.slice(i, i + maxRows));
    else if (group.length <= maxRows) windows.push(group);
    else {
      windows.push(overflow === 'drop-oldest' ? group.slice(-maxRows) : group.slice(0, maxRows));
      if (overflow === 'error') return { windows, dropped, error: 'EVENKEEL_OVERFLOW' };
      const gone = overflow === 'drop-oldest' ? group.slice(0, -maxRows) : group.slice(maxRows);
      dropped.push(...gone.map(({ id }) => id));
    }
  }
  return { windows, dropped, error: undefined };
}

/** Groups of consecutive samples: another begins where two do not belong together. */
function grouped(samples: readonly Sample[], isTogether: (a: Sample, b: Sample) => boolean): Sample[][] {
  const groups: Sample[][] = [];
  for (const sample of samples) {
    const last = groups.at(-1);
    if (last && isTogether(last.at(-1)!, sample)) last.push(sample);
    else groups.push([sample]);
  }
  return groups;
}

type Kind = 'tumbling' | 'session' | 'notifier';

/** All of a stream, as of arrays. */
function model(kind: Kind, all: readonly Arrival[], ms: number, bound: Bound) {
  const usable = all.filter(({ sample }) => isUsable(sample));
  const together: Record<Kind, (a: Sample, b: Sample) => boolean> = {
    tumbling: (a, b) => Math.floor((a.t as number) / ms) === Math.floor((b.t as number) / ms),
    session: (a, b) => (b.t as number) - (a.t as number) < ms,
    notifier: (a, b) => !all.some(({ isNotice, sample: { id } }) => isNotice && a.id < id && id <= b.id),
  };
  const groups = grouped(
    usable.map(({ sample }) => sample),
    together[kind],
  );
  const { windows, dropped, error } = bounded(groups, bound);
  const span = (samples: readonly Sample[]): object => {
    const [first, last] = [samples[0]!.t as number, samples.at(-1)!.t as number];
    if (kind === 'notifier') return {};
    const start = Math.floor(first / ms) * ms;
    return {
      times: times(samples),
      ...(kind === 'tumbling' ? { start, end: start + ms } : { start: first, end: last + ms }),
    };
  };
  return { out: windows.map((samples) => windowOf(samples, span(samples))), dropped, error };
}

test.prop(
  [
    fc.constantFrom<Kind>('tumbling', 'session', 'notifier'),
    arrivals,
    fc.integer({ min: 1, max: 15 }),
    bounds,
  ],
  { numRuns: 10_000 },
)(
  'each sample is in one window, that of when it came, or put aside, as of arrays',
  (kind, all, ms, bound) => {
    const scheduler = new VirtualTimeScheduler();
    const notifier = new Subject<void>();
    const [dropped, invalid]: [number[], number[]] = [[], []];
    const options = {
      ...bound,
      features: ['x'],
      onDropped: ({ id }: Sample) => void dropped.push(id),
      onInvalid: (_error: Error, sample: unknown) => void invalid.push((sample as Sample).id),
    };
    const operator = {
      tumbling: () => tumblingWindow<Sample>({ ...options, sizeMs: ms, scheduler }),
      session: () => sessionWindow<Sample>({ ...options, gapMs: ms, scheduler }),
      notifier: () => notifierWindow<Sample>(notifier, options),
    }[kind]();
    let came = 0;
    const { out, error } = outcome<Parameters<typeof plain>[0]>(operator as never, (next, isOpen) => {
      for (const { at, isNotice, sample } of all)
        scheduler.schedule(() => {
          if (isNotice) notifier.next();
          if (isOpen()) came++;
          next(sample);
        }, at);
      scheduler.flush();
    });
    const expected = model(kind, all, ms, bound);
    expect({ out: out.map(plain), dropped, error }).toEqual(expected);
    const unusable = all.slice(0, came).filter(({ sample }) => !isUsable(sample));
    expect(invalid).toEqual(unusable.map(({ sample: { id } }) => id));
    expect(operator.stats).toEqual({
      rows: came,
      emitted: expected.out.flatMap(({ ids }) => ids as number[]).length,
      late: 0,
      ahead: 0,
      dropped: expected.dropped.length + (expected.error ? 1 : 0),
      skipped: 0,
      invalid: unusable.length,
      held: 0,
      cut: 0,
      windows: expected.out.length,
    });
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
    expect(notifier.observed).toBe(false);
  },
);

test.prop([arrivals, fc.array(fc.integer({ min: -40, max: 40 })), fc.integer({ min: 1, max: 15 })], {
  numRuns: 10_000,
})(
  'a clock that is set forth and back: every sample once, as they came, in windows that hold it',
  (all, steps, ms) => {
    for (const kind of ['tumbling', 'session'] as const) {
      const clock = new VirtualTimeScheduler();
      let set = 100;
      const scheduler = {
        now: () => clock.now() + set,
        schedule: clock.schedule.bind(clock),
      } as VirtualTimeScheduler;
      const operator =
        kind === 'tumbling'
          ? tumblingWindow<Sample>({ sizeMs: ms, scheduler, features: ['x'], onInvalid: () => {} })
          : sessionWindow<Sample>({ gapMs: ms, scheduler, features: ['x'], onInvalid: () => {} });
      const came = new Map<number, number>();
      const { out } = outcome(operator, (next) => {
        all.forEach(({ at, sample }, i) => {
          clock.schedule(() => {
            set += steps[i] ?? 0;
            came.set(sample.id, scheduler.now());
            next(sample);
          }, at);
        });
        clock.flush();
      });
      const usable = all.map(({ sample }) => sample).filter(isUsable);
      expect(out.flatMap(({ samples }) => samples)).toEqual(usable);
      for (const { samples, times, start, end } of out) {
        expect([...times]).toEqual(samples.map(({ id }) => came.get(id)));
        if (kind === 'session') continue;
        expect(end - start).toBe(ms);
        expect(Math.abs(start % ms)).toBe(0);
        for (const time of times) expect(time >= start && time < end).toBe(true);
      }
    }
  },
);
