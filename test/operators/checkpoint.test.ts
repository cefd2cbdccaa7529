import {
  BatchNorm,
  batchNorm,
  type CheckpointOptions,
  type CheckpointStats,
  type CheckpointStore,
  checkpoint,
  MemoryStore,
  minibatch,
  restore,
  StandardScaler,
  StoreError,
  standardize,
} from 'evenkeel';
import { concat, from, NEVER, Observable, of, retry, Subject, take, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test, vi } from 'vitest';

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

const full = new Error('no space left');

/** Text in the store, as what it is of. */
const read = (text: string): { position: unknown; rows: number; features?: unknown } => {
  const { position, state, features } = JSON.parse(text);
  return { position, rows: state.rows, ...(features && { features }) };
};

/** A store whose writes end when the test says so. */
class HeldStore implements CheckpointStore {
  readonly texts: string[] = [];
  readonly ends: { done(): void; fail(): void }[] = [];
  read(): readonly string[] {
    return this.texts;
  }
  write(text: string): Promise<void> {
    this.texts.push(text);
    return new Promise((resolve, reject) => this.ends.push({ done: resolve, fail: () => reject(full) }));
  }
  get written(): object[] {
    return this.texts.map(read);
  }
}

const failing: CheckpointStore = {
  read: () => [],
  write: () => {
    throw full;
  },
};

/** Numbers in, scaled and saved; what comes out of it. */
function pipeline(store: CheckpointStore, options: CheckpointOptions<{ sample: number }> = {}) {
  const scaler = new StandardScaler(1);
  const saving = checkpoint(scaler, store, { position: ({ sample }) => sample, ...options });
  const source = new Subject<number>();
  const seen: unknown[] = [];
  const subscription = source.pipe(standardize(scaler), saving).subscribe({
    next: ({ sample }) => seen.push(sample),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { source, saving, seen, subscription, scaler };
}
const settled = (): Promise<void> => new Promise(setImmediate);

describe('marbles', () => {
  test.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['single', '-a-|', '-a-|'],
    ['many', 'a-b-|', 'a-b-|'],
    ['error', 'a-b#', 'a-b#'],
    ['error at once', '#', '#'],
  ])('%s', (_case, source, expected) => {
    scheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold(source).pipe(checkpoint(new BatchNorm(1), new MemoryStore()))).toBe(expected);
    });
  });

  test('early unsubscribe', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-a-b-|');
      const saved = source.pipe(checkpoint(new BatchNorm(1), new MemoryStore()));
      expectObservable(saved, '---!').toBe('a-b');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a synchronous source stops under take, and what was passed is saved', () => {
    let produced = 0;
    const endless = new Observable<number>((out) => {
      while (!out.closed) out.next(produced++);
    });
    const store = new MemoryStore();
    const saving = checkpoint<number>(new StandardScaler(1), store, { position: (x) => x });
    endless.pipe(saving, take(3)).subscribe();
    expect(produced).toBe(3);
    expect(store.read().map(read)).toMatchObject([{ position: 2 }]);
  });

  test('saved so long after the first new item, again only when there is another; and at the end', () => {
    const clock = scheduler();
    const turns: [number, unknown][] = [];
    clock.run(({ cold }) => {
      const onSaved = ({ position }: { position: unknown }): unknown => turns.push([clock.now(), position]);
      const options = { everyMs: 10, position: (item: string) => item, onSaved };
      cold('5ms a 3ms b 20ms c 2ms |')
        .pipe(checkpoint(new StandardScaler(1), new MemoryStore(), options))
        .subscribe();
    });
    // a at 5, b at 9, c at 30, the end at 33
    expect(turns).toEqual([
      [15, 'b'],
      [33, 'c'],
    ]);
  });
});

test('items are passed on as they are', () => {
  const items = [{ a: 1 }, [2], null, undefined, 'x'];
  const seen: unknown[] = [];
  from(items)
    .pipe(checkpoint<unknown>(new BatchNorm(1), new MemoryStore()))
    .subscribe((item) => seen.push(item));
  expect(seen).toHaveLength(items.length);
  seen.forEach((item, i) => {
    expect(item).toBe(items[i]);
  });
});

describe('what is saved', () => {
  test('is state and position of one moment: what is learned during the write is not in it', async () => {
    const store = new HeldStore();
    const { source } = pipeline(store, { everyBatches: 2, features: ['x'] });
    for (const x of [1, 2, 3]) source.next(x);
    expect(store.written).toEqual([{ position: 2, rows: 2, features: ['x'] }]);
  });

  test('is written by one write at a time, of what waits the latest', async () => {
    const store = new HeldStore();
    const { source, saving } = pipeline(store, { everyBatches: 1 });
    for (const x of [1, 2, 3]) source.next(x);
    expect(store.written).toEqual([{ position: 1, rows: 1 }]);
    expect(saving.stats).toMatchObject({ passed: 3, unsaved: 3, saved: 0 });
    store.ends[0]!.done();
    await settled();
    expect(store.written.slice(1)).toEqual([{ position: 3, rows: 3 }]);
    expect(saving.stats).toMatchObject({
      passed: 3,
      unsaved: 2,
      saved: 1,
      last: { position: 1, version: 1 },
    });
  });

  test('is of a re-entrant source the last that was learned', () => {
    const store = new MemoryStore();
    const scaler = new StandardScaler(1);
    const source = new Subject<number>();
    source
      .pipe(
        standardize(scaler),
        checkpoint(scaler, store, { everyBatches: 1, position: ({ sample }) => sample }),
      )
      .subscribe(({ sample }) => {
        if (sample < 4) source.next(sample + 1);
      });
    source.next(1);
    expect(store.read().map(read)[0]).toEqual({ position: 4, rows: 4 });
  });

  test('is of several normalizers one state', async () => {
    const store = new MemoryStore();
    const [bn, scaler] = [new BatchNorm(1), new StandardScaler(1)];
    from([1, 3])
      .pipe(minibatch({ size: 2 }), batchNorm(bn), standardize(scaler), checkpoint({ bn, scaler }, store))
      .subscribe();
    const restored = await restore(store, { bn: BatchNorm.fromJSON, scaler: StandardScaler.fromJSON });
    expect(JSON.stringify(restored?.normalizer)).toBe(JSON.stringify({ bn, scaler }));
  });

  test('has the position as it was: not what becomes of the object that told it', () => {
    const store = new MemoryStore();
    const cursor = { offset: 0 };
    const { source, subscription } = pipeline(store, {
      position: ({ sample }) => {
        cursor.offset = sample;
        return cursor;
      },
    });
    source.next(5);
    cursor.offset = 99;
    subscription.unsubscribe();
    expect(read(store.read()[0]!).position).toEqual({ offset: 5 });
  });
});

describe('the end', () => {
  test('waits for the write under way, and for that of what is new', async () => {
    const store = new HeldStore();
    const { source, seen } = pipeline(store, { everyBatches: 1 });
    source.next(1);
    source.next(2);
    source.complete();
    await settled();
    expect(seen).toEqual([1, 2]);
    store.ends[0]!.done();
    await settled();
    expect([seen, store.written[1]]).toEqual([[1, 2], { position: 2, rows: 2 }]);
    store.ends[1]!.done();
    await settled();
    expect(seen).toEqual([1, 2, 'complete']);
  });

  test('an error waits too, and is the source’s whatever becomes of the save', async () => {
    for (const how of ['done', 'fail'] as const) {
      const store = new HeldStore();
      const { source, seen, saving } = pipeline(store);
      source.next(1);
      source.error('gone');
      await settled();
      expect(seen).toEqual([1]);
      store.ends[0]![how]();
      await settled();
      expect(seen).toEqual([1, 'gone']);
      expect(saving.stats).toMatchObject(how === 'done' ? { saved: 1, failed: 0 } : { saved: 0, failed: 1 });
    }
  });

  test('of a store that is not asynchronous is at once', () => {
    const { source, seen, saving } = pipeline(new MemoryStore());
    source.next(1);
    source.complete();
    expect(seen).toEqual([1, 'complete']);
    expect(saving.stats).toMatchObject({ passed: 1, unsaved: 0, saved: 1, failed: 0, last: { position: 1 } });
  });

  test('on unsubscribing a last save is started, of that moment, and flush waits for it', async () => {
    const store = new HeldStore();
    const { source, subscription, saving, scaler, seen } = pipeline(store, { everyBatches: 2 });
    for (const x of [1, 2, 3]) source.next(x);
    subscription.unsubscribe();
    scaler.update([4]); // by someone else
    store.ends[0]!.done();
    await settled();
    expect(store.written).toEqual([
      { position: 2, rows: 2 },
      { position: 3, rows: 3 },
    ]);
    const flushed = vi.fn();
    const flush = saving.flush().then(flushed);
    await settled();
    expect(flushed).not.toHaveBeenCalled();
    store.ends[1]!.done();
    await flush;
    expect(seen).toEqual([1, 2, 3]);
  });

  test('nothing new, nothing written', () => {
    const store = new HeldStore();
    const { source, seen } = pipeline(store);
    source.complete();
    expect([seen, store.texts]).toEqual([['complete'], []]);
  });

  test('leaves no timer', () => {
    for (const end of ['complete', 'error', 'unsubscribe'] as const) {
      const clock = new VirtualTimeScheduler();
      const { source, subscription } = pipeline(new MemoryStore(), { everyMs: 5, scheduler: clock });
      subscription.add(() => {}); // an error is seen to by the pipeline
      source.next(1);
      expect(clock.actions).toHaveLength(1);
      if (end === 'unsubscribe') subscription.unsubscribe();
      else if (end === 'error') source.error('gone');
      else source.complete();
      expect(clock.actions.filter(({ closed }) => !closed)).toEqual([]);
    }
  });
});

describe('a save that fails', () => {
  test('ends the stream with a StoreError', async () => {
    const store = new HeldStore();
    const { source, seen, saving } = pipeline(store, { everyBatches: 1 });
    source.next(1);
    store.ends[0]!.fail();
    await settled();
    expect(seen).toEqual([1, expect.any(StoreError)]);
    expect(seen[1]).toMatchObject({ code: 'EVENKEEL_STORE', cause: full });
    expect(source.observed).toBe(false);
    expect(saving.stats.failed).toBe(1);
  });

  test('or is told, counted, and tried again at the next turn, whether anything is new or not', () => {
    const clock = new VirtualTimeScheduler();
    const store = new MemoryStore();
    let broken = true;
    const write = (text: string): void => {
      if (broken) throw full;
      store.write(text);
    };
    const told: StoreError[] = [];
    const { source, seen, saving } = pipeline(
      { read: () => [], write },
      { everyMs: 5, scheduler: clock, onError: (error) => told.push(error) },
    );
    source.next(1);
    clock.maxFrames = 12;
    clock.flush();
    expect(told.map(({ code, cause }) => [code, cause])).toEqual([
      ['EVENKEEL_STORE', full],
      ['EVENKEEL_STORE', full],
    ]);
    expect(saving.stats).toMatchObject({ saved: 0, failed: 2, unsaved: 1, error: told[1], last: undefined });
    broken = false;
    clock.maxFrames = 16;
    clock.flush();
    expect(saving.stats).toMatchObject({
      saved: 1,
      failed: 2,
      unsaved: 0,
      error: undefined,
      last: { position: 1 },
    });
    expect(clock.actions).toEqual([]);
    source.next(2);
    expect(seen).toEqual([1, 2]);
  });

  test('by batches too', () => {
    const onError = vi.fn();
    const { source, seen } = pipeline(failing, { everyBatches: 2, onError });
    for (const x of [1, 2, 3, 4, 5]) source.next(x);
    expect(onError).toHaveBeenCalledTimes(2);
    source.complete();
    expect(onError).toHaveBeenCalledTimes(3);
    expect(seen).toEqual([1, 2, 3, 4, 5, 'complete']);
  });

  test('at the end: an error in the place of completion', () => {
    const { source, seen, saving } = pipeline(failing);
    source.next(1);
    source.complete();
    expect(seen).toEqual([1, expect.any(StoreError)]);
    expect(saving.stats).toMatchObject({ failed: 1 });
  });

  test('of a write under way at the end: once more', async () => {
    const store = new HeldStore();
    const { source, seen } = pipeline(store, { everyBatches: 1, onError: () => {} });
    source.next(1);
    source.complete();
    store.ends[0]!.fail();
    await settled();
    expect(store.written).toEqual([
      { position: 1, rows: 1 },
      { position: 1, rows: 1 },
    ]);
    store.ends[1]!.done();
    await settled();
    expect(seen).toEqual([1, 'complete']);
  });

  test('makes flush fail', async () => {
    const { source, subscription, saving } = pipeline(failing);
    source.next(1);
    subscription.unsubscribe();
    await expect(saving.flush()).rejects.toBeInstanceOf(StoreError);
  });
});

describe('what a function of the user throws is its own error', () => {
  const mine = new Error('mine');
  const throws = (): never => {
    throw mine;
  };
  test.each<[string, CheckpointStore, CheckpointOptions<unknown>]>([
    ['position', new MemoryStore(), { position: throws }],
    ['onSaved', new MemoryStore(), { onSaved: throws }],
    ['onError', failing, { onError: throws }],
  ])('%s', (_, store, options) => {
    const { source, seen } = pipeline(store, { everyBatches: 1, ...options });
    source.next(1);
    expect(seen.at(-1)).toBe(mine);
    expect(source.observed).toBe(false);
  });

  test('toJSON, by the timer', () => {
    const clock = new VirtualTimeScheduler();
    const seen: unknown[] = [];
    concat(of(1), NEVER)
      .pipe(checkpoint({ toJSON: throws }, new MemoryStore(), { everyMs: 5, scheduler: clock }))
      .subscribe({ error: (error) => seen.push(error) });
    clock.flush();
    expect(seen).toEqual([mine]);
  });

  test('where the position is not known, what was learned at it is not saved', () => {
    const store = new MemoryStore();
    const { source, seen } = pipeline(store, {
      position: ({ sample }) => (sample === 3 ? throws() : sample),
    });
    for (const x of [1, 2, 3]) source.next(x);
    expect([seen, store.read()]).toEqual([[1, 2, mine], []]);
  });
});

test.each([Number.NaN, undefined, 5n, new Date(0), { at: Infinity }, [undefined], () => 1, new Map()])(
  'a position %o is no JSON',
  (position) => {
    const { source, seen } = pipeline(new MemoryStore(), { position: () => position });
    source.next(1);
    expect(seen).toEqual([expect.objectContaining({ code: 'EVENKEEL_OPTION' })]);
    expect((seen[0] as { option: string }).option).toMatch(/^position\(item\)/);
  },
);

test.each([0, -1.5, 'x', null, true, { a: [1, { b: null }] }])(
  'a position %o comes back',
  async (position) => {
    const store = new MemoryStore();
    of(1)
      .pipe(checkpoint(new BatchNorm(1), store, { position: () => position }))
      .subscribe();
    expect((await restore(store, BatchNorm.fromJSON))?.position).toEqual(position);
  },
);

test('it goes on after retry, and counts on', () => {
  const store = new MemoryStore();
  const scaler = new StandardScaler(1);
  let lives = 0;
  const flaky = new Observable<number>((out) => {
    out.next(lives);
    if (lives++ < 2) out.error(new Error('gone'));
    else out.complete();
  });
  const saving = checkpoint<{ sample: number }>(scaler, store, { position: ({ sample }) => sample });
  flaky.pipe(standardize(scaler), saving, retry()).subscribe();
  expect(saving.stats).toMatchObject({ passed: 3, saved: 3, unsaved: 0, last: { position: 2 } });
  expect(store.read().map(read)).toEqual([
    { position: 2, rows: 3 },
    { position: 1, rows: 2 },
  ]);
});

test('it can be watched', () => {
  const { source, saving } = pipeline(new MemoryStore(), { everyBatches: 2 });
  const seen: CheckpointStats[] = [];
  saving.stats$.subscribe((stats) => seen.push(stats));
  for (const x of [1, 2, 3]) source.next(x);
  source.complete();
  expect(seen.map(({ passed, saved, unsaved }) => [passed, saved, unsaved])).toEqual([
    [0, 0, 0],
    [2, 1, 0],
    [3, 2, 0],
  ]);
});

describe('options are checked at once', () => {
  const make = (options: object): unknown => checkpoint(new BatchNorm(1), new MemoryStore(), options);
  test.each([
    ['everyMs', -1],
    ['everyMs', 2 ** 31],
    ['everyBatches', 0],
    ['everyBatches', 1.5],
    ['position', 'offset'],
    ['features', 'a'],
    ['features', [1]],
    ['onSaved', 1],
    ['onError', 'ignore'],
    ['scheduler', {}],
    ['options.every', 1],
  ])('%s = %o', (option, value) => {
    expect(() => make({ [option.replace('options.', '')]: value })).toThrow(
      expect.objectContaining({ code: 'EVENKEEL_OPTION', option }),
    );
  });

  test.each([[undefined], [{}], [5], [{ bn: 1 }], [[]]])('normalizer %o', (normalizer) => {
    expect(() => checkpoint(normalizer as never, new MemoryStore())).toThrow(
      expect.objectContaining({ option: 'normalizer' }),
    );
  });

  test('store', () => {
    expect(() => checkpoint(new BatchNorm(1), {} as never)).toThrow(
      expect.objectContaining({ option: 'store' }),
    );
  });
});
