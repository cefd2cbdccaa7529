import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { cellNumber, csvSamples } from '../../src/cli/sources/csv.js';
import { type Parse, parserOf } from '../../src/cli/sources/format.js';
import { ndjsonSamples } from '../../src/cli/sources/ndjson.js';
import type { Sample } from '../../src/cli/sources/source.js';

/** The samples of a text that comes in chunks of `size` bytes. */
async function read(parse: Parse, text: string | Uint8Array, size = 7): Promise<Sample[]> {
  const data = Buffer.from(text as string);
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let i = 0; i < data.length; i += size) yield data.subarray(i, i + size);
  };
  const samples: Sample[] = [];
  for await (const some of parse(chunks())) samples.push(...some);
  return samples;
}

const values = (samples: readonly Sample[]): unknown[] => samples.map(({ value }) => value);
const faults = (samples: readonly Sample[]): unknown[] =>
  samples
    .filter(({ malformed }) => malformed !== undefined)
    .map(({ place, malformed }) => [place, malformed]);

describe('a cell', () => {
  test.each([
    ['1', 1],
    ['-1.5', -1.5],
    ['+.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    [' 2 ', 2],
    ['-0', -0],
    ['1e999', Infinity],
    ['inf', Infinity],
    ['-inf', -Infinity],
    ['+Inf', Infinity],
    ['Infinity', Infinity],
    ['+Infinity', Infinity],
    [' -INFINITY ', -Infinity],
    ['', Number.NaN],
    ['NaN', Number.NaN],
    ['nan', Number.NaN],
  ])('%j is %d', (cell, value) => expect(cellNumber(cell)).toBe(value));

  test.each([
    'abc',
    '0x10',
    ' ',
    '1,5',
    '1_000',
    '1e',
    '--1',
    '1 2',
    'null',
    'true',
    '٣',
    '1n',
    'infinite',
    'in',
    'info',
    '- inf',
    '∞',
  ])('%j is not a number', (cell) => expect(cellNumber(cell)).toBe(cell));

  test.prop([fc.double({ noNaN: true, noDefaultInfinity: true })])(
    'reads what a number is written as',
    (value) => {
      expect(cellNumber(JSON.stringify(value))).toBe(JSON.parse(JSON.stringify(value)));
    },
  );
});

describe('CSV', () => {
  test('rows with their lines and columns', async () => {
    const samples = await read(csvSamples, 'a, b\n1,2\n\n3,4\n');
    const columns = ['a', 'b'];
    expect(samples).toEqual([
      { place: 2, value: ['1', '2'], columns },
      { place: 4, value: ['3', '4'], columns },
    ]);
  });

  test('lines that end with a bare CR', async () => {
    for (const size of [1, 3, 100]) {
      expect(values(await read(csvSamples, 'a,b\r1,2\r3,4\r', size))).toEqual([
        ['1', '2'],
        ['3', '4'],
      ]);
    }
  });

  test('a byte order mark, CRLF and LF, quotes, no end of line at the end', async () => {
    const text = '\uFEFF"a","b ""c"""\r\n1,"x,y\nz"\n"2",3';
    const samples = await read(csvSamples, text);
    expect(samples[0]!.columns).toEqual(['a', 'b "c"']);
    expect(values(samples)).toEqual([
      ['1', 'x,y\nz'],
      ['2', '3'],
    ]);
  });

  test('a row of another width is malformed, in its place; those around it are not', async () => {
    const samples = await read(csvSamples, 'a,b\n1,2\n3\n4,5,6\n7,8\n');
    expect(faults(samples)).toEqual([
      [3, 'has 1 cell, the header has 2'],
      [4, 'has 3 cells, the header has 2'],
    ]);
    expect(values(samples)).toEqual([['1', '2'], undefined, undefined, ['7', '8']]);
  });

  test('a stray quote spoils no other line', async () => {
    const samples = await read(csvSamples, 'a,b\n1,"x"y\n2,z"z\n3,4\n');
    expect(values(samples).map((value) => (value as string[])[0])).toEqual(['1', '2', '3']);
  });

  test('a quote that is never closed is told, at the end or when it has gone on for too long', async () => {
    const short = await read(csvSamples, 'a,b\n1,2\n3,"4\n5,6\n');
    expect(faults(short)).toEqual([[4, 'has a quote that is never closed']]);
    const long = await read(csvSamples, `a,b\n1,2\n3,"4\n${'5,6\n'.repeat(300_000)}`, 2 ** 16);
    expect(values(long)).toEqual([['1', '2'], undefined]);
    expect(long[1]).toMatchObject({ malformed: 'is too long (is a quote not closed?)', last: true });
  });

  test('a row may have as many characters as a line of JSON', async () => {
    const [names, cells] = [
      Array.from({ length: 40_000 }, (_, i) => `c${i}`),
      Array(40_000).fill(String(-Math.PI)),
    ];
    const [row] = await read(csvSamples, `${names}\n${cells}\n`, 2 ** 16);
    expect(row).toEqual({ place: 2, value: cells, columns: names });
    const [longest, tooLong] = await read(
      csvSamples,
      `a\n${'9'.repeat(2 ** 20)}\n${'9'.repeat(2 ** 20 + 2)}\n`,
      2 ** 16,
    );
    expect(longest).toMatchObject({ value: ['9'.repeat(2 ** 20)] });
    expect(tooLong).toMatchObject({ place: 3, last: true });
  });

  test('nothing, or a header and nothing', async () => {
    expect(await read(csvSamples, '')).toEqual([]);
    expect(await read(csvSamples, 'a,b\n')).toEqual([]);
  });

  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  test('a row is there as soon as its line is: it does not wait for the next', async () => {
    const lines = ['a,b\n', '1,2\n', '3,4\r\n5,"6"\n', '7\n', '8,9\n'];
    const seen: unknown[][] = [];
    const chunks = async function* (): AsyncGenerator<Buffer> {
      for (const line of lines) {
        seen.push([]);
        yield Buffer.from(line);
      }
    };
    for await (const samples of csvSamples(chunks()))
      for (const { place, value } of samples) seen.at(-1)!.push([place, value]);
    expect(seen).toEqual([
      [],
      [[2, ['1', '2']]],
      [
        [3, ['3', '4']],
        [4, ['5', '6']],
      ],
      [[5, undefined]],
      [[6, ['8', '9']]],
    ]);
  });

  test('what a first cell begins with is no comment', async () => {
    const lines = ['#1', '\uE000', '\uFDD0', '//'];
    expect(values(await read(csvSamples, `a\n${lines.join('\n')}\n`))).toEqual(lines.map((cell) => [cell]));
  });

  test.each([1, 2, 3, 4, 5, 64])('text of two bytes a character, in chunks of %i', async (size) => {
    const text = Buffer.from('\uFEFFa,b\n1,\u0A0A\n3,4\n', 'utf16le');
    expect(values(await read(csvSamples, text, size))).toEqual([
      ['1', '\u0A0A'],
      ['3', '4'],
    ]);
  });

  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\n', '\r', '"', 'x') }));
  const cells = fc.array(fc.tuple(text, text, fc.double({ noNaN: true })), { minLength: 1 });
  test.prop([cells, fc.integer({ min: 1, max: 50 })])('reads back what was written', async (rows, size) => {
    const text = `a,b,c\n${rows.map((row) => row.map((cell) => quoted(String(cell))).join(',')).join('\n')}`;
    expect(values(await read(csvSamples, text, size))).toEqual(rows.map((row) => row.map(String)));
  });
});

describe('NDJSON', () => {
  test('numbers, arrays and objects with their lines', async () => {
    expect(await read(ndjsonSamples, '1\n[1,2]\r\n\n{"a":1}')).toEqual([
      { place: 1, value: 1 },
      { place: 2, value: [1, 2] },
      { place: 4, value: { a: 1 } },
    ]);
  });

  test('a line that is not JSON is told, in its place', async () => {
    const samples = await read(ndjsonSamples, '1\n{"a":\n3\n');
    expect(samples).toEqual([
      { place: 1, value: 1 },
      { place: 2, value: undefined, malformed: 'is not JSON: "{\\"a\\":"' },
      { place: 3, value: 3 },
    ]);
  });

  test('a line without end costs no more than the longest there may be', async () => {
    const samples = await read(ndjsonSamples, `1\n${'9'.repeat(3 * 2 ** 20)}\n3\n`, 2 ** 16);
    expect(values(samples)).toEqual([1, undefined, 3]);
    expect(faults(samples)).toEqual([[2, 'is longer than 1048576 characters']]);
    expect(faults(await read(ndjsonSamples, '9'.repeat(2 ** 21), 2 ** 16))).toHaveLength(1);
  });

  test.prop([fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 50 })])(
    'reads back',
    async (lines, size) => {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const expected = lines.map((line) => JSON.parse(JSON.stringify(line)));
      expect(values(await read(ndjsonSamples, text, size))).toEqual(expected);
    },
  );
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(fc.constantFrom('"', ',', '\n', '\r', '1', 'a', '{', ']', '\uFEFF', ' '), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join(''))),
);
const parsers = fc.constantFrom(csvSamples, ndjsonSamples, parserOf('-'));

test.prop([anyBytes, parsers, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })], {
  numRuns: 2000,
})('any bytes are samples or faults, in order, however they are cut', async (bytes, parse, one, other) => {
  const samples = await read(parse, bytes, one);
  expect(await read(parse, bytes, other)).toEqual(samples);
  const places = samples.map(({ place }) => place);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(places).size).toBe(places.length);
  for (const { value, malformed } of samples) expect(value === undefined).toBe(malformed !== undefined);
});

test.each([
  ['data.csv', '1\n2\n', [['2']]],
  ['data.ndjson', '1\n2\n', [1, 2]],
  ['data.jsonl', '1\n2\n', [1, 2]],
  ['-', '1\n2\n', [1, 2]],
  ['-', '\n \n-1\n2\n', [-1, 2]],
  ['-', '\uFEFF{"a":1}\n', [{ a: 1 }]],
  ['-', '[1]\n', [[1]]],
  ['-', 'a\n1\n', [['1']]],
  ['data.txt', '"a"\n1\n', [['1']]],
  ['-', '', []],
])('%s with %j', async (name, text, expected) => {
  expect(values(await read(parserOf(name), text, 1))).toEqual(expected);
});
