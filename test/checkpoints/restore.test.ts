/** What comes back from a store, and what is refused. */
import {
  BatchNorm,
  type CheckpointStore,
  checkpoint,
  type Generation,
  MemoryStore,
  MinMaxScaler,
  restore,
  StandardScaler,
  StateError,
  tensor,
} from 'evenkeel';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';

function learned(rows: number): BatchNorm {
  const bn = new BatchNorm(1);
  for (let i = 0; i < rows; i++) bn.forward(tensor([i, i + 2], [2, 1]));
  return bn;
}

/** As `checkpoint` writes them. */
function textOf(
  normalizer: BatchNorm | Record<string, BatchNorm | MinMaxScaler>,
  features?: string[],
): string {
  const store = new MemoryStore();
  of(7)
    .pipe(checkpoint(normalizer, store, { position: (x) => x, ...(features && { features }) }))
    .subscribe();
  return store.read()[0]!;
}

const holding = (...generations: Generation[]): CheckpointStore => ({
  read: () => generations,
  write: () => {},
});
const json = (normalizer: unknown): string => JSON.stringify(normalizer);

test('a store that never held anything: undefined', async () => {
  expect(await restore(new MemoryStore(), BatchNorm.fromJSON)).toBeUndefined();
});

test('what was saved, bit for bit, with its position', async () => {
  const bn = learned(3);
  const restored = await restore(holding(textOf(bn)), BatchNorm.fromJSON);
  expect(restored).toMatchObject({ position: 7, generation: 0, damaged: [], features: undefined });
  expect(json(restored?.normalizer)).toBe(json(bn));
  expect(restored?.normalizer).toBeInstanceOf(BatchNorm);
});

test('several, by their names', async () => {
  const scaler = new MinMaxScaler(1);
  scaler.update([3]);
  const text = textOf({ bn: learned(2), scaler });
  const restored = await restore(holding(text), { bn: BatchNorm.fromJSON, scaler: MinMaxScaler.fromJSON });
  expect(json(restored?.normalizer.bn)).toBe(json(learned(2)));
  expect(json(restored?.normalizer.scaler)).toBe(json(scaler));
  const both = { bn: BatchNorm.fromJSON, scaler: MinMaxScaler.fromJSON };
  await expect(restore(holding(text), { ...both, other: BatchNorm.fromJSON })).rejects.toThrow(
    'checkpoint.state.other must be there',
  );
  await expect(restore(holding(text), { bn: BatchNorm.fromJSON })).rejects.toThrow(
    'checkpoint.state.scaler must be among what is to be revived',
  );
  await expect(restore(holding(textOf(learned(1))), { bn: BatchNorm.fromJSON })).rejects.toThrow(StateError);
});

test('features: those that were saved, or whatever they were', async () => {
  const store = holding(textOf(learned(1), ['celsius']));
  expect((await restore(store, BatchNorm.fromJSON))?.features).toEqual(['celsius']);
  expect(await restore(store, BatchNorm.fromJSON, { features: ['celsius'] })).toBeDefined();
  await expect(restore(store, BatchNorm.fromJSON, { features: ['kelvin'] })).rejects.toMatchObject({
    code: 'EVENKEEL_STATE',
    message: 'state: features must be ["kelvin"], got "[\\"celsius\\"]"',
  });
  await expect(restore(holding(textOf(learned(1))), BatchNorm.fromJSON, { features: ['a'] })).rejects.toThrow(
    'features must be ["a"], got undefined',
  );
});

describe('damaged', () => {
  const older = textOf(learned(1));
  const newer = textOf(learned(2));
  test.each<[string, Generation, string]>([
    ['by what the store says', new Error('rotten'), 'rotten'],
    ['cut short', newer.slice(0, -1), 'cut short'],
    ['empty', '', 'cut short'],
    ['in its state', newer.replace('"batches":2', '"batches":-2'), 'BatchNorm.batches'],
  ])('%s: passed over for the one before, and told', async (_, bad, why) => {
    const restored = await restore(holding(bad, older), BatchNorm.fromJSON);
    expect(json(restored?.normalizer)).toBe(json(learned(1)));
    expect(restored?.generation).toBe(1);
    expect(restored?.damaged.map(String)).toEqual([expect.stringContaining(why)]);
  });

  test('what fails otherwise is no damage: it is told as it is, and nothing older gone by', async () => {
    const mine = new TypeError('mine');
    const revive = (): never => {
      throw mine;
    };
    await expect(restore(holding(newer, older), revive)).rejects.toBe(mine);
  });

  test('all of them: never a start from nothing', async () => {
    const end = restore(holding(new Error('rotten'), '{'), BatchNorm.fromJSON);
    await expect(end).rejects.toThrow(StateError);
    await expect(end).rejects.toThrow(
      'one generation at least must be usable (rotten; state: checkpoint must be whole',
    );
    const { cause } = (await end.catch((error) => error)) as { cause: AggregateError };
    expect(cause.errors).toEqual([new Error('rotten'), expect.any(StateError)]);
  });
});

describe('whole, but another: refused, whatever is older', () => {
  const text = textOf(learned(1));
  test.each([
    ['kind', text.replace('"evenkeel checkpoint"', '"checkpoint"'), 'kind must be "evenkeel checkpoint"'],
    ['no kind', json(learned(1)), 'kind must be "evenkeel checkpoint", got "BatchNorm"'],
    ['version', text.replace('"version":1', '"version":2'), 'version must be 1, got 2'],
    [
      'features',
      text.replace('"position"', '"features":[1],"position"'),
      'features must be an array of names',
    ],
    ['no object', 'null', 'an object'],
  ])('%s', async (_, other, why) => {
    const end = restore(holding(other, text), BatchNorm.fromJSON);
    await expect(end).rejects.toThrow(StateError);
    await expect(end).rejects.toThrow(why);
  });

  test.each([
    [
      'version of the state',
      text.replace('"kind":"BatchNorm","version":1', '"kind":"BatchNorm","version":99'),
    ],
    ['kind of the state', text.replace('"kind":"BatchNorm"', '"kind":"StandardScaler"')],
  ])('%s', async (_, other) => {
    expect(other).not.toBe(text);
    await expect(restore(holding(other, text), BatchNorm.fromJSON)).rejects.toMatchObject({ isOther: true });
  });

  test('class: of no generation', async () => {
    await expect(restore(holding(text, text), StandardScaler.fromJSON)).rejects.toThrow(
      'kind must be "StandardScaler", got "BatchNorm"',
    );
  });
});

test('a store that cannot be read: StoreError', async () => {
  const gone = new Error('gone');
  const read = (): never => {
    throw gone;
  };
  for (const store of [
    { read, write: () => {} },
    { read: () => Promise.reject(gone), write: () => {} },
  ])
    await expect(restore(store, BatchNorm.fromJSON)).rejects.toMatchObject({
      code: 'EVENKEEL_STORE',
      cause: gone,
    });
  const none = { read: () => 'text' as never, write: () => {} };
  await expect(restore(none, BatchNorm.fromJSON)).rejects.toMatchObject({ code: 'EVENKEEL_STORE' });
});

test('memory keeps so many generations', () => {
  const store = new MemoryStore({ generations: 3 });
  for (const text of 'abcd') store.write(text);
  expect(store.read()).toEqual(['d', 'c', 'b']);
});

test.each<[string, () => unknown, string]>([
  ['store', () => restore({} as never, BatchNorm.fromJSON), 'store'],
  ['revive', () => restore(new MemoryStore(), 5 as never), 'revive'],
  ['features', () => restore(new MemoryStore(), BatchNorm.fromJSON, { features: 'a' as never }), 'features'],
  [
    'unknown',
    () => restore(new MemoryStore(), BatchNorm.fromJSON, { feature: 1 } as never),
    'options.feature',
  ],
  ['generations', async () => new MemoryStore({ generations: 0 }), 'generations'],
])('%s is checked', async (_, action, option) => {
  await expect(action()).rejects.toMatchObject({ code: 'EVENKEEL_OPTION', option });
});
