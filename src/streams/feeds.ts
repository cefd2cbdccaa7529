/** The items of an iterable, asked for one at a time, and only while someone waits for what comes of them. */
import { Observable, type Subscriber } from 'rxjs';
import { OptionError } from '../errors.js';
import { Feed } from './feed.js';

/** Sync, or async; an item of a sync one is taken as it is, a promise too. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** How the items of a source are opened. @throws OptionError if it is none */
function openerOf<T>(source: Source<T>): { awaits: boolean; open(): Iterator<T> | AsyncIterator<T> } {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = Object(source);
  if (typeof async === 'function') return { awaits: true, open: () => async.call(source) };
  if (typeof sync === 'function') return { awaits: false, open: () => sync.call(source) };
  throw new OptionError('source', 'an iterable, or an async iterable', source);
}

/** An Observable of a source's items, each subscription of which opens the source, and waits to be asked. */
export class Feeds<T> {
  readonly items: Observable<T>;
  readonly #isWanted: () => boolean;
  readonly #open = new Set<Feed<T>>();
  #asking = false;
  #isPushing = false;
  #released: Promise<unknown> = Promise.resolve();

  /** @param isWanted whether someone waits for what comes of an item */
  constructor(source: Source<T>, isWanted: () => boolean) {
    const { awaits, open } = openerOf(source);
    this.#isWanted = isWanted;
    this.items = new Observable<T>((input) => {
      const feed = new Feed(open(), awaits, {
        push: (what, value) => this.#push(input, what, value),
        arrived: () => this.ask(),
      });
      this.#open.add(feed);
      return () => {
        this.#open.delete(feed);
        this.#release(feed);
      };
    });
  }

  /** Whether what is emitted just now comes of an item. */
  get isPushing(): boolean {
    return this.#isPushing;
  }

  /** When the sources that were let go have said so; rejected where one of them could not be. */
  get released(): Promise<unknown> {
    return this.#released;
  }

  /** Asks for items, one of each feed at a time, until nobody waits or all that is to come is on its way. */
  ask(): void {
    if (this.#asking) return; // from within: the loop below goes on
    this.#asking = true;
    try {
      let came = true;
      while (came) {
        came = false;
        for (const feed of this.#open) if (this.#isWanted() && feed.ask()) came = true;
      }
    } finally {
      this.#asking = false;
    }
  }

  /** Pushes what came of an item. */
  #push(into: Subscriber<T>, what: 'next' | 'error' | 'complete', value?: unknown): void {
    this.#isPushing = true;
    try {
      into[what](value as T);
    } finally {
      this.#isPushing = false;
    }
  }

  #release(feed: Feed<T>): void {
    const release = feed.release();
    if (release === undefined) return;
    this.#released = Promise.all([this.#released, release]).then(() => {}); // without what they said: there may be many
    this.#released.catch(() => {}); // told by who awaits it, if it is that late
  }
}
