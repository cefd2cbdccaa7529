/** Operators as a Web Stream: written to on the one side, read from on the other. */
import { share } from 'rxjs';
import type { Watched } from '../operators/watched.js';
import { knownOptions } from '../options.js';
import { Handoff } from './handoff.js';
import { iterate } from './iterate.js';
import { type Staged, unstaged } from './staged.js';
import type { WaitingOptions, WaitingStats } from './waiting.js';

export interface TransformStreamOptions<T = unknown, R = unknown> extends WaitingOptions {
  /** How much may be written ahead of what is taken; one chunk. */
  readonly writableStrategy?: QueuingStrategy<T>;
  /** How much may be ready before it is read; nothing. */
  readonly readableStrategy?: QueuingStrategy<R>;
}

/**
 * Operators as a `TransformStream`: for `pipeThrough`, and, with Node's `Duplex.fromWeb`, for its `pipeline`.
 *
 * As with `iterate`, a chunk is taken only when what is ready falls short of `readableStrategy`, and so a writer waits for
 * the reader; what operators emit by time waits up to `maxWaiting`. Closing it lets them emit what they hold. Their errors
 * come after all that was emitted before; what is written is refused from then on, as it is once they have completed. To abort it,
 * or to cancel it, unsubscribes from them at once, and what waits is gone.
 *
 * The operators are subscribed to once it is read from; one that subscribes to its source again (`retry`) goes on with the next chunk.
 *
 * @throws OptionError at once
 * @returns `readable` and `writable`, with `stats`
 * @example
 * import { minibatch, transformStream } from 'evenkeel';
 * const readings = new ReadableStream<number>({
 *   start(controller) {
 *     for (const x of [1, 2, 3]) controller.enqueue(x);
 *     controller.close();
 *   },
 * });
 * const reader = readings.pipeThrough(transformStream(minibatch<number>({ size: 2 }))).getReader();
 * console.log((await reader.read()).value?.samples); // [ 1, 2 ]
 * console.log((await reader.read()).value?.samples); // [ 3 ]
 * console.log((await reader.read()).done); // true
 */
export function transformStream<T, A = T, B = A, C = B, D = C, E = D, F = E, G = F, H = G>(
  ...staged: Staged<T, A, B, C, D, E, F, G, H, TransformStreamOptions<T, H>>
): TransformStream<T, H> & Watched<WaitingStats> {
  const { through, options } = unstaged<T, H, TransformStreamOptions<T, H>>(staged);
  const { writableStrategy, readableStrategy, ...waiting } = knownOptions('options', options, [
    'writableStrategy',
    'readableStrategy',
    'maxWaiting',
    'overflow',
  ]);
  const chunks = new Handoff<T>();
  let sink: WritableStreamDefaultController;
  const refuse = (reason: unknown): void => {
    sink.error(reason);
    chunks.refuse(reason);
  };
  // There is but one of each chunk, however many of the operators want it: hence share.
  const outputs = iterate<T, T, H>(chunks, share(), through, waiting);

  let source: ReadableStreamDefaultController<H>;
  const readable = new ReadableStream<H>(
    {
      start(controller) {
        source = controller;
      },
      async pull(controller) {
        try {
          const { done, value } = await outputs.next();
          if (!done) return controller.enqueue(value);
          if (!chunks.isOver) refuse(new TypeError('the operators have completed'));
          controller.close();
        } catch (error) {
          refuse(error);
          throw error;
        }
      },
      async cancel(reason) {
        refuse(reason);
        await outputs.return?.();
      },
    },
    { highWaterMark: 0, ...readableStrategy },
  );
  const writable = new WritableStream<T>(
    {
      start(controller) {
        sink = controller;
        // At once: the stream's own `abort` comes only after a write that is under way, which may wait for a reader.
        controller.signal.addEventListener('abort', () => {
          const { reason } = controller.signal;
          source.error(reason);
          chunks.refuse(reason);
          outputs.return?.();
        });
      },
      write: (chunk) => chunks.give({ done: false, value: chunk }),
      close: () => chunks.give({ done: true, value: undefined }),
    },
    writableStrategy,
  );
  return {
    readable,
    writable,
    get stats() {
      return outputs.stats;
    },
    stats$: outputs.stats$,
  };
}
