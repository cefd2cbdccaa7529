/** CSV text to samples. The first line names the columns; cells stay text until it is known which are features. */
import { type CsvError, parse } from 'csv-parse';
import type { Sample } from './source.js';

/** Characters of cells. What a quote that is never closed would swallow otherwise is all the rest. */
const LONGEST_ROW = 2 ** 20;

/**
 * The parser takes a row for whole once it has seen beyond it: the last one of a live stream would wait for the next. So
 * a comment is put after it, which begins as no text does.
 */
const COMMENT = '\uFDD0evenkeel\uFDD0';
const BEYOND = `${COMMENT}\n`;
const NEWLINE = 0x0a;

/** A plain decimal number: what alone a text may say to be one. */
export const decimal: RegExp = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** An infinity, as pandas, NumPy and C's strtod write and read it. */
const infinity: RegExp = /^\s*([+-]?)inf(?:inity)?\s*$/i;

/** A text as the number it says, finite or not; where it says none, the text itself. */
function textNumber(text: string): number | string {
  if (decimal.test(text)) return Number(text);
  const [, sign] = infinity.exec(text) ?? [];
  return sign === undefined ? text : sign === '-' ? -Infinity : Infinity;
}

/** A cell as a number: NaN where it is empty or says so, and the text itself where it says none. */
export function cellNumber(cell: unknown): unknown {
  if (typeof cell !== 'string') return cell;
  return cell === '' || /^\s*nan\s*$/i.test(cell) ? Number.NaN : textNumber(cell);
}

/** Where a header is one cell because something else separates them: that it must be commas, to go behind what is wrong of it. */
export function commasHint(columns: readonly string[]): string {
  const [, other] = (columns.length === 1 && /([;\t])/.exec(columns[0]!)) || [];
  return other === undefined ? '' : `; cells are separated by commas, not by ${other === ';' ? ';' : 'tabs'}`;
}

function reason({ code, record }: CsvError, columns: readonly string[]): string {
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' && Array.isArray(record)) {
    const cells = `${record.length} ${record.length === 1 ? 'cell' : 'cells'}`;
    return `has ${cells}, the header has ${columns.length}${commasHint(columns)}`;
  }
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'has a quote that is never closed';
  if (code === 'CSV_MAX_RECORD_SIZE') return 'is too long (is a quote not closed?)';
  return 'is malformed';
}

/** The rows of each chunk as they are complete, malformed ones in their place. */
export async function* csvSamples(chunks: AsyncIterable<Buffer>): AsyncGenerator<Sample[]> {
  let columns: readonly string[] | undefined;
  let samples: Sample[] = [];
  let added = 0; // lines that are not in the text
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'], // by default, whatever ends the first line, and that alone
    max_record_size: LONGEST_ROW,
    relax_quotes: true, // a stray quote is then part of a text that is no number, rather than the start of all the rest
    skip_empty_lines: true,
    comment: COMMENT,
    comment_no_infix: true,
    skip_records_with_error: true,
    on_record: (cells: string[], { lines }) => {
      const value = cells.map((cell) => cell.replaceAll(BEYOND, '')); // where it came to be within quotes
      if (columns === undefined) columns = value.map((name) => name.trim());
      else samples.push({ place: lines - added, value, columns });
      return null; // taken: the parser's own queue would lose what is in it at an error
    },
    on_skip: (error) => {
      if (error === undefined) return undefined;
      const last = error.code === 'CSV_MAX_RECORD_SIZE';
      const place = Number(error['lines']) - added;
      const malformed = reason(error, columns ?? []);
      if (samples.at(-1)?.place !== place)
        samples.push({ place, value: undefined, malformed, ...(last && { last }) });
      if (last) throw error; // the parser cannot go on from there
      return undefined;
    },
  });
  const step = (call: (done: (error?: Error | null) => void) => void): Promise<boolean> =>
    new Promise((resolve) => call((error) => resolve(!error)));
  parser.on('error', () => {}); // told by the callbacks
  const take = (): Sample[] => {
    const taken = samples;
    samples = [];
    return taken;
  };

  let isUtf16: boolean | undefined;
  for await (const chunk of chunks) {
    isUtf16 ??= chunk[0] === 0xff; // which begins no text of UTF-8
    let more = await step((done) => parser.write(chunk, done));
    if (more && chunk.at(-1) === NEWLINE && !isUtf16) {
      more = await step((done) => parser.write(BEYOND, done));
      added++;
    }
    yield take();
    if (!more) return;
  }
  await step((done) => parser.end(done));
  yield take();
}
