/** What is made of the platform's Observable, whichever it is: run in Node with a fake, and in a browser with its own. */
import { fromNative, minibatch, type NativeObservable, toNative } from 'evenkeel';
import { concat, Observable, of, Subject, take, throwError } from 'rxjs';

interface Subscriber {
  readonly active: boolean;
  next(value: number): void;
  error(error: unknown): void;
  complete(): void;
  addTeardown(teardown: () => void): void;
}
type Native = new (subscribe: (subscriber: Subscriber) => void) => NativeObservable<number>;

/** What was told, in order. */
class Told {
  readonly lines: string[] = [];
  readonly observer = {
    next: (x: unknown): void => void this.lines.push(`next ${x}`),
    error: (error: unknown): void => void this.lines.push(`error ${(error as Error).message}`),
    complete: (): void => void this.lines.push('complete'),
  };
}

const { Observable: Platform } = globalThis as unknown as { readonly Observable: Native };

const scenarios: Record<string, (told: Told) => void> = {
  'from: values, and the end': ({ observer }) => {
    const native = new Platform((subscriber) => {
      for (const x of [1, 2, 3]) subscriber.next(x);
      subscriber.complete();
    });
    fromNative(native)
      .pipe(minibatch({ size: 2 }))
      .subscribe({ ...observer, next: ({ data }) => observer.next(data) });
  },

  'from: an error, and one thrown': ({ observer }) => {
    const fails = new Platform((subscriber) => subscriber.error(new Error('oops')));
    const throws = new Platform(() => {
      throw new Error('thrown');
    });
    fromNative(fails).subscribe(observer);
    fromNative(throws).subscribe(observer);
  },

  'from: a source that does not wait stops when there is enough': ({ lines, observer }) => {
    const endless = new Platform((subscriber) => {
      subscriber.addTeardown(() => lines.push('teardown'));
      let x = 0;
      while (subscriber.active) subscriber.next(x++);
      lines.push(`stopped at ${x}`);
    });
    fromNative(endless).pipe(take(2)).subscribe(observer);
  },

  'from: unsubscribing aborts, and the last of several lets go': ({ lines, observer }) => {
    let push = (_: number): void => {};
    const native = new Platform((subscriber) => {
      lines.push('opened');
      subscriber.addTeardown(() => lines.push('teardown'));
      push = (x) => subscriber.next(x);
    });
    const both = [1, 2].map(() => fromNative(native).subscribe(observer));
    for (const [i, subscription] of both.entries()) {
      push(i);
      subscription.unsubscribe();
    }
    push(9);
  },

  'to: values, and the end': ({ observer }) => {
    toNative(of(1, 2)).subscribe(observer);
    toNative(
      concat(
        of(1),
        throwError(() => new Error('oops')),
      ),
    ).subscribe(observer);
  },

  'to: aborting unsubscribes, also from a source that does not wait': ({ lines, observer }) => {
    const endless = new Observable<number>((out) => {
      out.add(() => lines.push('teardown'));
      let x = 0;
      while (!out.closed) out.next(x++);
      lines.push(`stopped at ${x}`);
    });
    const controller = new AbortController();
    const next = (x: number): void => {
      observer.next(x);
      if (x === 1) controller.abort();
    };
    toNative(endless).subscribe({ ...observer, next }, { signal: controller.signal });
  },

  'to: several share one subscription': ({ lines, observer }) => {
    const source = new Subject<number>();
    const native = toNative(source);
    const controllers = [1, 2].map(() => {
      const controller = new AbortController();
      native.subscribe(observer, { signal: controller.signal });
      return controller;
    });
    for (const [i, controller] of controllers.entries()) {
      source.next(i);
      controller.abort();
      lines.push(`observed: ${source.observed}`);
    }
    native.subscribe(observer);
    source.complete();
  },

  'there and back': ({ observer }) => {
    fromNative(toNative(of(1, 2, 3)))
      .pipe(take(2))
      .subscribe(observer);
  },
};

export function job(): Record<string, string[]> {
  const outcomes = Object.entries(scenarios).map(([name, run]) => {
    const told = new Told();
    run(told);
    return [name, told.lines];
  });
  return Object.fromEntries(outcomes);
}
