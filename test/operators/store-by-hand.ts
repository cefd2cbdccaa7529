import type { KeyStore } from '../../src/index.js';

/** A store whose promises are kept by hand: each call waits to be settled. */
export function byHand(states = new Map<unknown, unknown>()) {
  const calls: { readonly what: string; settle(error?: Error): Promise<void> }[] = [];
  const call = <R>(what: string, act: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      calls.push({
        what,
        settle: async (error) => {
          if (error) reject(error);
          else resolve(act());
          await new Promise(setImmediate);
        },
      });
    });
  const store: KeyStore = {
    get: (key) => call(`get ${key}`, () => states.get(key)),
    set: (key, state) => call(`set ${key}`, () => states.set(key, JSON.parse(JSON.stringify(state)))),
  };
  return {
    states,
    store,
    waiting: () => calls.map(({ what }) => what),
    next: (error?: Error) => calls.shift()!.settle(error),
  };
}
