/** Which format a text is in: by its name, or by how it begins. */
import { csvSamples } from './csv.js';
import { ndjsonSamples } from './ndjson.js';
import type { Sample } from './source.js';

export type Parse = (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Sample[]>;

export function parserOf(name: string): Parse {
  if (/\.csv$/i.test(name)) return csvSamples;
  return /\.(ndjson|jsonl)$/i.test(name) ? ndjsonSamples : detectedSamples;
}

/** Characters looked at. */
const MOST = 4096;

/** NDJSON if the text starts with `{`, `[`, `-` or a digit; else CSV. */
async function* detectedSamples(chunks: AsyncIterable<Buffer>): AsyncGenerator<Sample[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  const head: Buffer[] = [];
  let start = '';
  while (start.length < MOST && start.trim() === '') {
    const { value, done } = await iterator.next();
    if (done) break;
    head.push(value);
    start += decoder.decode(value, { stream: true });
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield* head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  const isJson = /^\s*[[{\d-]/.test(start.slice(0, MOST));
  yield* (isJson ? ndjsonSamples : csvSamples)(whole());
}
