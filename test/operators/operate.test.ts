import { NEVER, Observable, of, Subject, Subscription, take } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { operate, type Stage } from '../../src/operators/operate.js';

const oops = new Error('oops');
const fail = (): never => {
  throw oops;
};

/** What a stage makes of a source that emits 1 and then ends: values, then the error's message or `complete`. */
function outcome(stage: Partial<Stage<number>>, end: 'complete' | 'error' = 'complete'): unknown[] {
  const seen: unknown[] = [];
  const source = new Subject<number>();
  source.pipe(operate<number, number>((out) => ({ next: (x) => out.next(x), ...stage }))).subscribe({
    next: (x) => seen.push(x),
    error: ({ message }: Error) => seen.push(message),
    complete: () => seen.push('complete'),
  });
  source.next(1);
  if (end === 'complete') source.complete();
  else source.error(new Error('gone'));
  expect(source.observed).toBe(false);
  return seen;
}

describe('an exception in a stage is an error notification, and nothing comes after', () => {
  test.each([
    ['next', 'complete', ['oops']],
    ['complete', 'complete', [1, 'oops']],
    ['error', 'error', [1, 'oops']],
  ] as const)('in %s', (step, end, expected) => {
    expect(outcome({ [step]: fail }, end)).toEqual(expected);
  });

  test('a hot source does not see it', () => {
    const source = new Subject<number>();
    source.pipe(operate(() => ({ next: fail }))).subscribe({ error: () => {} });
    expect(() => source.next(1)).not.toThrow();
  });
});

test('what a stage does not see to is passed on', () => {
  expect(outcome({})).toEqual([1, 'complete']);
  expect(outcome({}, 'error')).toEqual([1, 'gone']);
});

test('what is held is released once, however it ends, after the end was told', () => {
  for (const end of ['complete', 'error'] as const) {
    const told: string[] = [];
    outcome({ [end]: () => void told.push(end), release: () => void told.push('release') }, end);
    expect(told).toEqual([end, 'release']);
  }
  const release = vi.fn();
  const stage = operate<number, number>((out) => ({ next: (x) => out.next(x), release }));
  NEVER.pipe(stage).subscribe().unsubscribe();
  of(1, 2).pipe(stage, take(1)).subscribe();
  expect(release).toHaveBeenCalledTimes(2);
});

test('every subscription has a stage of its own, and its own end', () => {
  const start = vi.fn(() => ({ next: () => {} }));
  const stage = NEVER.pipe(operate<number, number>(start));
  const both = new Subscription();
  for (const _ of [1, 2]) both.add(stage.subscribe());
  expect(start).toHaveBeenCalledTimes(2);
  both.unsubscribe();
});

test('the source is unsubscribed from before its next value when the subscriber has enough', () => {
  let produced = 0;
  const endless = new Observable<number>((out) => {
    while (!out.closed) out.next(produced++);
  });
  endless
    .pipe(
      operate((out) => ({ next: (x) => out.next(x) })),
      take(3),
    )
    .subscribe();
  expect(produced).toBe(3);
});
