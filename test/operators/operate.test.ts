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

describe('what is still under way', () => {
  /** A stage that settles when `done` is called. */
  function settling(source: Subject<number>) {
    const seen: unknown[] = [];
    let done = (): void => {};
    let failed = (_error: unknown): void => {};
    const release = vi.fn();
    const subscription = source
      .pipe(
        operate<number, number>((out, fail) => {
          failed = fail;
          return {
            next: (x) => (x < 0 ? fail(oops) : out.next(x)),
            settle(then) {
              done = () => {
                out.next(99);
                then();
              };
            },
            release,
          };
        }),
      )
      .subscribe({
        next: (x) => seen.push(x),
        error: ({ message }: Error) => seen.push(message),
        complete: () => seen.push('complete'),
      });
    return { seen, release, subscription, done: () => done(), fail: (error: unknown) => failed(error) };
  }

  test.each([
    ['completion', (source: Subject<number>) => source.complete(), 'complete'],
    ['an error', (source: Subject<number>) => source.error(new Error('gone')), 'gone'],
    ['a failure of the stage', (source: Subject<number>) => source.next(-1), 'oops'],
  ])('comes before %s, and the source is left at once', (_end, act, told) => {
    const source = new Subject<number>();
    const { seen, release, done } = settling(source);
    source.next(1);
    act(source);
    expect(source.observed).toBe(false);
    source.next(2);
    expect([seen, release.mock.calls.length]).toEqual([[1], 0]);
    done();
    expect([seen, release.mock.calls.length]).toEqual([[1, 99, told], 1]);
  });

  test('may fail: completion becomes that error, an error stays the first', () => {
    for (const [end, told] of [
      ['complete', 'oops'],
      ['error', 'gone'],
    ] as const) {
      const source = new Subject<number>();
      const { seen, done, fail } = settling(source);
      source[end](new Error('gone'));
      fail(oops);
      fail(new Error('later'));
      expect(seen).toEqual([]);
      done();
      expect(seen).toEqual([99, told]);
    }
  });

  test('is let go when the subscriber leaves', () => {
    const source = new Subject<number>();
    const { seen, release, subscription, done } = settling(source);
    source.complete();
    subscription.unsubscribe();
    expect(release).toHaveBeenCalledOnce();
    done();
    expect(seen).toEqual([]);
  });
});
