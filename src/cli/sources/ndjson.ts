/** Lines of JSON to samples. */
import type { Sample } from './source.js';

/** Characters. A line without end would fill the memory. */
const LONGEST_LINE = 2 ** 20;

function sampleOf(line: string, place: number): Sample[] {
  if (line.trim() === '') return [];
  try {
    return [{ place, value: JSON.parse(line) }];
  } catch {
    const shown = JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
    return [{ place, value: undefined, malformed: `is not JSON: ${shown}` }];
  }
}

/** The samples of each chunk's complete lines, malformed ones in their place; empty lines are nothing. */
export async function* ndjsonSamples(chunks: AsyncIterable<Buffer>): AsyncGenerator<Sample[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let place = 0;
  let tooLong = false;

  const take = (line: string): Sample[] => {
    place++;
    if (!tooLong && line.length <= LONGEST_LINE) return sampleOf(line, place);
    tooLong = false;
    return [{ place, value: undefined, malformed: `is longer than ${LONGEST_LINE} characters` }];
  };

  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield lines.flatMap(take);
    if (rest.length > LONGEST_LINE) tooLong = true;
    if (tooLong) rest = '';
  }
  rest += decoder.decode();
  if (rest !== '' || tooLong) yield take(rest);
}
