/** Which format a text is in: by its name, or by how it begins. */
import { csvSamples } from './csv.js';
import { ndjsonSamples } from './ndjson.js';
import type { Sample } from './source.js';

export type Parse = (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Sample[]>;

export function parserOf(name: string): Parse {
  if (/\.csv$/i.test(name)) return csvSamples;
  return /\.(ndjson|jsonl)$/i.test(name) ? ndjsonSamples : detectedSamples;
}

const blank = /^\uFEFF?\s*$/;
const json = /^\uFEFF?\s*[[{\d-]/;

/** NDJSON if the text starts with `{`, `[`, `-` or a digit; else CSV. */
async function* detectedSamples(chunks: AsyncIterable<Buffer>): AsyncGenerator<Sample[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let start = '';
  while (blank.test(start)) {
    const { value, done } = await iterator.next();
    if (done) break;
    head.push(value);
    start = Buffer.concat(head).toString('utf8', 0, 4096);
    if (start.length >= 4096) break;
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield* head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  yield* (json.test(start) ? ndjsonSamples : csvSamples)(whole());
}
