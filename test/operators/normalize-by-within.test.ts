import { of, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  KeyedNormalizers,
  type KeyedOptions,
  type NormalizeByOptions,
  normalizeBy,
  StandardScaler,
} from '../../src/index.js';

interface Item {
  readonly id: string;
  readonly x: number;
}

/** Who sends the next item from within, the first time it is asked. */
type Sender = (send: () => void) => {
  readonly keyed?: Partial<KeyedOptions<StandardScaler>>;
  readonly options?: NormalizeByOptions<Item>;
};
const revive = StandardScaler.fromJSON;
const senders: Record<string, Sender> = {
  mode: (send) => ({
    options: {
      mode: () => {
        send();
        return 'train';
      },
    },
  }),
  'who makes a normalizer': (send) => ({
    keyed: {
      normalizer: (_key, features) => {
        send();
        return new StandardScaler(features);
      },
    },
  }),
  'a store that answers at once': (send) => ({
    keyed: { revive, store: { get: () => send(), set() {} } },
  }),
  'a store that answers later': (send) => ({
    keyed: {
      revive,
      store: {
        get() {
          send();
          return Promise.resolve(undefined);
        },
        set() {},
      },
    },
  }),
};

describe.each(Object.entries(senders))('an item that %s sends from within', (_, sender) => {
  test.each(['a', 'b'])(
    'of key %s is learned once, by its own key, and so is the one at hand',
    async (id) => {
      const source = new Subject<Item>();
      let sent = false;
      const { keyed, options } = sender(() => {
        if (sent) return;
        sent = true;
        source.next({ id, x: 100 });
      });
      const states = new KeyedNormalizers<StandardScaler>({
        maxKeys: 10,
        normalizer: (_key, features) => new StandardScaler(features),
        ...keyed,
      } as KeyedOptions<StandardScaler>);
      const operator = normalizeBy<Item, StandardScaler>('id', states, { features: ['x'], ...options });
      const done = new Promise<void>((resolve) => source.pipe(operator).subscribe({ complete: resolve }));
      source.next({ id: 'a', x: 1 });
      source.complete();
      await done;
      const learned = (key: string): unknown => {
        const scaler = states.get(key);
        return scaler && [scaler.rows, scaler.moments.mean[0]];
      };
      expect([learned('a'), learned('b')]).toEqual(
        id === 'a'
          ? [[2, 50.5], undefined]
          : [
              [1, 1],
              [1, 100],
            ],
      );
      expect(operator.stats).toMatchObject({ items: 2, emitted: 2, keys: id === 'a' ? 1 : 2 });
      expect(operator.stats.created).toBe(id === 'a' ? 1 : 2);
    },
  );
});

test('what an item is to be is asked once, as it comes', () => {
  const asked: Item[] = [];
  const mode = (item: Item): 'eval' => {
    asked.push(item);
    return 'eval';
  };
  const item = { id: 'a', x: 1 };
  of(item)
    .pipe(normalizeBy('id', { maxKeys: 1 }, { features: ['x'], mode }))
    .subscribe();
  expect(asked).toEqual([item]);
});
