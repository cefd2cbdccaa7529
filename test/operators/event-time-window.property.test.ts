import { fc, test } from '@fast-check/vitest';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { expect } from 'vitest';
import { type EventTimeWindowOptions, eventTimeWindow } from '../../src/index.js';
import {
  ahead,
  bounds,
  type Event,
  events,
  isSample,
  isUsable,
  Now,
  type Overflow,
  outcome,
  plain,
  type Sample,
  samplesOf,
  windowOf,
} from './stream.js';

const timeOf = ({ t }: Sample): number => t as number;
const byTime = (a: Sample, b: Sample): number => timeOf(a) - timeOf(b) || a.id - b.id;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Which windows there are of rows, by looking at each. */
type Kind = (rows: readonly Sample[]) => Span[];

const aligned =
  (size: number, stride: number): Kind =>
  (rows) => {
    const spans = new Map<number, Span>();
    for (const row of rows) {
      const near = Math.floor(timeOf(row) / stride);
      for (let k = near - Math.ceil(size / stride) - 1; k <= near + 1; k++) {
        const span = { start: k * stride + 0, end: k * stride + size };
        if (span.start <= timeOf(row) && timeOf(row) < span.end) spans.set(span.start, span);
      }
    }
    return [...spans.values()];
  };

const sessions =
  (gap: number): Kind =>
  (rows) => {
    const spans: { start: number; end: number }[] = [];
    for (const row of [...rows].sort(byTime)) {
      const last = spans.at(-1);
      if (last && timeOf(row) < last.end) last.end = timeOf(row) + gap;
      else spans.push({ start: timeOf(row), end: timeOf(row) + gap });
    }
    return spans;
  };

const isIn = (row: Sample, { start, end }: Span): boolean => timeOf(row) >= start && timeOf(row) < end;

const lists = (): [number[], number[], number[], number[]] => [[], [], [], []];

interface Given {
  readonly kind: Kind;
  readonly latenessMs: number;
  readonly maxRows: number;
  readonly overflow: Overflow;
  readonly partial: 'emit' | 'drop';
  readonly maxAheadMs: number | undefined;
}

/** The same with plain arrays that are looked through each time. */
function model(all: readonly Event[], given: Given) {
  const { kind, latenessMs, maxRows, overflow, partial, maxAheadMs = Infinity } = given;
  const out: Record<string, unknown>[] = [];
  const [late, early, dropped, skipped] = lists();
  const now = new Now();
  const count = new Map<Sample, number>();
  let error: string | undefined;
  let held: Sample[] = [];
  let [watermark, passed] = [-Infinity, -Infinity];
  const openSpans = (): Span[] =>
    kind(held)
      .filter(({ end }) => end > passed)
      .sort((a, b) => a.end - b.end);
  const purge = (): void => {
    const open = openSpans();
    held = held.filter((row) => open.some((span) => isIn(row, span)));
  };
  const closeFirst = (span: Span): void => {
    const rows = held.filter((row) => isIn(row, span)).sort(byTime);
    out.push(windowOf(rows, { times: rows.map(timeOf), start: span.start, end: span.end }));
    for (const row of rows) count.set(row, (count.get(row) ?? 0) + 1);
    passed = Math.max(passed, span.end);
    purge();
  };
  const close = (to: number): void => {
    for (let first = openSpans()[0]; first && first.end <= to; first = openSpans()[0]) closeFirst(first);
    passed = Math.max(passed, to);
  };
  const isLeaving = (row: Sample): boolean => {
    const spans = kind(held).filter((span) => isIn(row, span));
    return spans.every(({ end }) => end <= watermark);
  };

  function place(row: Sample): void {
    if (timeOf(row) > now.ms + maxAheadMs) {
      early.push(row.id);
      return;
    }
    now.touch();
    // With those held: it may be part of a session that is open, though its own time has passed.
    const spans = kind([...held, row]).filter((span) => isIn(row, span));
    if (spans.length > 0 && spans.every(({ end }) => end <= passed)) {
      late.push(row.id);
      return;
    }
    watermark = Math.max(watermark, timeOf(row) - latenessMs);
    if (spans.length === 0) skipped.push(row.id);
    else if (held.length >= maxRows && !held.some(isLeaving) && /error|newest/.test(overflow)) {
      if (overflow === 'error') {
        error = 'EVENKEEL_OVERFLOW';
        return;
      }
      dropped.push(row.id);
    } else held.push(row);
    close(watermark);
    while (held.length > maxRows) {
      if (overflow === 'emit-early') closeFirst(openSpans()[0]!);
      else dropped.push(held.sort(byTime).shift()!.id);
    }
  }

  for (const event of all) {
    if (event === 'idle') {
      now.flush();
      if (held.length > 0) close(Math.max(...kind(held).map(({ end }) => end)));
    } else if (!isSample(event)) {
      watermark = Math.max(watermark, event.advance);
      close(watermark);
    } else if (isUsable(event.sample)) place(event.sample);
    if (error) break;
  }
  if (partial === 'emit') close(Infinity);
  const left = held.filter((row) => !count.has(row)).map(({ id }) => id);
  const cut = [...count].filter(([row, times]) => times < kind([row]).length).length;
  return { out, error, late, early, dropped, skipped: [...skipped, ...left], emitted: count.size, cut };
}

function expectAsModelled(all: readonly Event[], options: object, given: Given): void {
  const { latenessMs, maxRows, overflow, partial, maxAheadMs } = given;
  const scheduler = new VirtualTimeScheduler();
  const advanceTo = new Subject<number>();
  const [late, early, dropped, invalid] = lists();
  const timeIn = (id: number): unknown => samplesOf(all).find((sample) => sample.id === id)!.t;
  const operator = eventTimeWindow<Sample>({
    ...options,
    timestamp: 't',
    features: ['x'],
    latenessMs,
    maxRows,
    overflow,
    partial,
    idleMs: Now.idleMs,
    advanceTo,
    scheduler,
    onLate: ({ id }: Sample, time: number) => late.push(time === timeIn(id) ? id : -1),
    ...(maxAheadMs !== undefined && {
      maxAheadMs,
      onAhead: ({ id }: Sample, time: number) => early.push(time === timeIn(id) ? id : -1),
    }),
    onDropped: ({ id }: Sample) => dropped.push(id),
    onInvalid: (_error: Error, sample: unknown) => invalid.push((sample as Sample).id),
  } as unknown as EventTimeWindowOptions<Sample>);
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
  const expected = model(all, given);
  const unusable = samplesOf(all)
    .slice(0, came)
    .filter((sample) => !isUsable(sample))
    .map(({ id }) => id);
  expect(out.map(plain)).toEqual(expected.out);
  expect({ error, late, early, dropped, invalid }).toEqual({
    error: expected.error,
    late: expected.late,
    early: expected.early,
    dropped: expected.dropped,
    invalid: unusable,
  });
  const { dropped: _, invalid: __, ...stats } = operator.stats;
  expect(stats).toEqual({
    windows: expected.out.length,
    held: 0,
    rows: came,
    emitted: expected.emitted,
    skipped: expected.skipped.length,
    cut: expected.cut,
    late: late.length,
    ahead: early.length,
  });
  expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
  expect(advanceTo.observed).toBe(false);
}

const lateness = fc.integer({ min: 0, max: 20 });
const partial = fc.constantFrom('emit', 'drop' as const);

test.prop([events, lateness, bounds, partial, ahead, fc.integer({ min: 1, max: 15 })], { numRuns: 10_000 })(
  'tumbling: each row is in its window, or put aside, as of plain arrays',
  (all, latenessMs, bound, partial, maxAheadMs, sizeMs) => {
    expectAsModelled(
      all,
      { sizeMs },
      { kind: aligned(sizeMs, sizeMs), latenessMs, partial, maxAheadMs, ...bound },
    );
  },
);

test.prop(
  [
    events,
    lateness,
    bounds,
    partial,
    ahead,
    fc.integer({ min: 1, max: 15 }),
    fc.integer({ min: 1, max: 15 }),
  ],
  { numRuns: 10_000 },
)(
  'sliding, or with gaps: each row is in all its windows, or in those still open, or put aside',
  (all, latenessMs, bound, partial, maxAheadMs, sizeMs, strideMs) => {
    const kind = aligned(sizeMs, strideMs);
    expectAsModelled(all, { sizeMs, strideMs }, { kind, latenessMs, partial, maxAheadMs, ...bound });
  },
);

test.prop([events, lateness, bounds, partial, ahead, fc.integer({ min: 1, max: 15 })], { numRuns: 10_000 })(
  'sessions: each row is in one, whatever it joins, or put aside',
  (all, latenessMs, bound, partial, maxAheadMs, gapMs) => {
    expectAsModelled(all, { gapMs }, { kind: sessions(gapMs), latenessMs, partial, maxAheadMs, ...bound });
  },
);
