import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { cell, printable, shortened } from '../../src/cli/display-text.js';
import { bytes, counted, duration, figure, rate } from '../../src/cli/figures.js';
import { progressLine } from '../../src/cli/sinks/progress-line.js';
import { sparkline } from '../../src/cli/sparkline.js';
import type { Counter } from '../../src/cli/status.js';
import { summary } from '../../src/cli/summary.js';
import { type FeatureLine, type TableState, table } from '../../src/cli/table.js';

const feature = (name: string, more: Partial<FeatureLine> = {}): FeatureLine => ({
  name,
  recent: [1, 2, 3],
  runningMean: 12.345678,
  runningSd: 0.5,
  batchMean: -0.00001,
  batchSd: 0.99999,
  ...more,
});

const state = (features: readonly FeatureLine[], more: Partial<TableState> = {}): TableState => ({
  source: 'ws://127.0.0.1:1234/',
  states: [],
  evaluating: false,
  seconds: 61.2,
  rows: 12_345,
  batches: 386,
  rowsPerSecond: 201.4,
  dropped: 0,
  invalid: 2,
  counters: new Map(),
  features,
  ...more,
});

/** The columns that Unicode gives them (East Asian Width; emoji sequences take two). None joins with its neighbours. */
const widths: Record<string, number> = {
  a: 1,
  é: 1,
  'e\u0301': 1, // a letter and its accent
  ｱ: 1, // half width
  Ａ: 2, // full width
  温: 2,
  한: 2,
  '\u{20000}': 2, // CJK extension B
  '\u{30000}': 2, // extension G
  '✅': 2,
  '⚠': 1,
  '⚠\ufe0f': 2, // as an emoji
  '1\ufe0f\u20e3': 2, // a keycap
  '👩‍🚀': 2,
  '🇸🇪🇸🇪': 4,
};
/** With what is shown as �, or not at all, among them. */
const names = fc.string({
  unit: fc.constantFrom(...Object.keys(widths), '\n', '\u001b[2J', '\u202e', '\ud83d'),
});

/** An oracle apart from the package that the table measures with. */
const width = (line: string): number => {
  const pieces = Object.keys(widths).sort((a, b) => b.length - a.length);
  const rest = pieces.reduce((text, piece) => text.replaceAll(piece, 'x'.repeat(widths[piece]!)), line);
  return Array.from(rest).length;
};

/** What Node's own line editor says of text without emoji sequences. */
function editorColumns(text: string): number {
  const editor = createInterface({ input: new PassThrough(), output: new PassThrough(), terminal: true });
  editor.setPrompt(text);
  const { cols } = editor.getCursorPos();
  editor.close();
  return cols;
}

describe('sparkline', () => {
  test('from the lowest to the highest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
  });

  test('the newest at the right; the oldest are left out', () => {
    expect(sparkline([9, 9, 0, 7], 2)).toBe('▁█');
    expect(sparkline([0, 7], 4)).toBe('  ▁█');
  });

  test('nothing, one value and the same values', () => {
    expect(sparkline([], 3)).toBe('   ');
    expect(sparkline([5], 1)).toBe('▁');
    expect(sparkline([5, 5, 5], 3)).toBe('▁▁▁');
    expect(sparkline([1], 0)).toBe('');
  });

  test('what is not finite is a gap, and the widest range there is is a range', () => {
    expect(sparkline([0, Number.NaN, 1, Infinity], 4)).toBe('▁ █ ');
    expect(sparkline([-Number.MAX_VALUE, 0, Number.MAX_VALUE], 3)).toBe('▁▅█');
  });

  test.prop([fc.array(fc.double()), fc.nat(40)])('is as wide as it is asked to be', (values, width) => {
    expect(sparkline(values, width)).toMatch(new RegExp(`^[ ▁▂▃▄▅▆▇█]{${width}}$`));
  });
});

describe('figures', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [12.5, '12.5'],
    [-0.031249, '-0.031249'],
    [1234.5678, '1234.6'],
    [123456.7, '123457'],
    [1.6269e12, '1.627e+12'],
    [1e-5, '1.000e-5'],
    [Number.NaN, '–'],
    [-Infinity, '-∞'],
  ])('%d is %s', (value, text) => expect(figure(value)).toBe(text));

  test.prop([fc.double()])('at most ten characters', (value) => {
    expect(figure(value).length).toBeLessThanOrEqual(10);
  });

  test('counts, rates, sizes and times', () => {
    expect([counted(1234567), rate(201.4), rate(9.96), rate(0)]).toEqual(['1,234,567', '201', '10.0', '0']);
    expect([bytes(0), bytes(2048), bytes(5 * 2 ** 30)]).toEqual(['0 B', '2.0 KiB', '5.0 GiB']);
    expect([duration(61.23), duration(125), duration(11_220)]).toEqual([
      '61.2 s',
      '2 min 05 s',
      '3 h 07 min',
    ]);
  });
});

describe('text from outside', () => {
  test('can neither move the cursor nor break the line', () => {
    expect(printable('a\u001b[2Jb\nc\u009bd\u202ee')).toBe('ab�c�d�e');
  });

  test('has no half of a character', () => {
    expect(printable('\ud83d!\udf21')).toBe('�!�');
    expect(printable('🌡')).toBe('🌡');
  });

  test('is cut by what a terminal shows, not by its code units', () => {
    expect(shortened('温度温度', 5)).toBe('温度…');
    expect(shortened('a\u{20000}\u{20000}', 4)).toBe('a\u{20000}…');
    expect(cell('温', 4)).toBe('温  ');
    expect(cell('⚠\ufe0f', 4)).toBe('⚠\ufe0f  ');
    expect(cell('ab', 4, 'right')).toBe('  ab');
  });

  test.prop([names, fc.nat(20)])('takes exactly its width', (text, columns) => {
    expect(width(cell(text, columns))).toBe(columns);
    expect(width(cell(text, columns, 'right'))).toBe(columns);
  });

  const assigned = fc.oneof(
    ...(
      [
        [0x20, 0x7e],
        [0xa1, 0xac],
        [0x400, 0x45f],
        [0x3041, 0x3096],
        [0x4e00, 0x9fff],
        [0xac00, 0xd7a3],
        [0xff01, 0xff9d],
        [0x20000, 0x2a6d6],
        [0x30000, 0x3134a],
        [0x1f600, 0x1f64f],
      ] as const
    ).map(([min, max]) => fc.integer({ min, max }).map((code) => String.fromCodePoint(code))),
  );
  test.prop([fc.string({ unit: assigned, maxLength: 20 })])("takes what Node's line editor says", (text) => {
    expect(editorColumns(cell(text, 40))).toBe(40);
  });
});

describe('table', () => {
  test('one line a feature: its value, its recent values, running and normalized statistics', () => {
    const lines = table(state([feature('temp', { recent: [0, 7] }), feature('wind')]), 80, 24).split('\n');
    expect(lines).toEqual([
      'evenkeel · 61.2 s · ws://127.0.0.1:1234/',
      '12,345 rows · 386 batches · 201 rows/s · 0 dropped · 2 invalid',
      '',
      expect.stringMatching(/^ +running +normalized$/),
      expect.stringMatching(/^feature +now +mean +sd +mean +sd$/),
      expect.stringMatching(/^temp +7 +▁█ +12\.346 +0\.5 +0\.000 +1\.000$/),
      expect.stringMatching(/^wind +3 +▁▅█ +12\.346 +0\.5 +0\.000 +1\.000$/),
    ]);
  });

  test('progress of a file, the state of a connection, and whether it learns', () => {
    const more = { evaluating: true, progress: { read: 50, size: 200 }, states: ['connecting, attempt 2'] };
    const [title] = table(state([], more), 120, 24).split('\n');
    expect(title).toBe(
      'evenkeel --eval · 61.2 s · 25% of 200 B · connecting, attempt 2 · ws://127.0.0.1:1234/',
    );
  });

  test('before the first sample', () => {
    expect(table(state([]), 80, 24)).toMatch(/waiting for the first sample$/);
  });

  test('before the first batch there is nothing to tell of it', () => {
    const none = {
      runningMean: Number.NaN,
      runningSd: Number.NaN,
      batchMean: Number.NaN,
      batchSd: Number.NaN,
    };
    expect(table(state([feature('a', none)]), 80, 24)).toMatch(/▁▅█( +–){4}$/);
  });

  test('a narrow window: sparklines go first, then the ends of names, then numbers', () => {
    const lines = (columns: number): string[] =>
      table(state([feature('temperature_out')]), columns, 24)
        .split('\n')
        .slice(-2);
    expect(lines(80)).toEqual([
      expect.stringMatching(/^feature .* sd$/),
      expect.stringMatching(/^temperature_out +3 +▁▅█ +12\.346 +0\.5 +0\.000 +1\.000$/),
    ]);
    expect(lines(66)).toEqual([
      expect.any(String),
      expect.stringMatching(/^temperature… +3 +12\.346 +0\.5 +0\.000 +1\.000$/),
    ]);
    expect(lines(60)).toEqual([
      expect.any(String),
      expect.stringMatching(/^temperature_out +3 +▁▅█ +12\.346 +0\.5$/),
    ]);
    expect(lines(24)).toEqual([
      expect.stringMatching(/^feature +now$/),
      expect.stringMatching(/^temperature… +3$/),
    ]);
  });

  test('a narrow window: the counts take more lines, and the features have the rest', () => {
    const many = Array.from({ length: 30 }, (_, i) => feature(`cpu${i}`));
    const shown = { rowsPerSecond: 12_345, dropped: 1_234_567 };
    const lines = table(state(many, shown), 40, 12).split('\n');
    expect(lines.slice(1, 4)).toEqual([
      '12,345 rows · 386 batches',
      '12,345 rows/s · 1,234,567 dropped',
      '2 invalid',
    ]);
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe('… and 26 more');
  });

  test('what does not fit is folded', () => {
    const many = Array.from({ length: 30 }, (_, i) => feature(`cpu${i}`));
    const lines = table(state(many), 80, 12).split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe('… and 24 more');
    expect(table(state(many), 80, 35)).not.toContain('more');
    expect(table(state(many), 80, 35).split('\n')).toHaveLength(35);
  });

  test.prop([
    fc.array(fc.record({ name: names, value: fc.double() }), { maxLength: 40 }),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 60 }),
    names,
  ])('never leaves its window, whatever the names and the values', (features, columns, height, source) => {
    const lines = features.map(({ name, value }) =>
      feature(name, {
        recent: [value],
        runningMean: value,
        runningSd: value,
        batchMean: value,
        batchSd: value,
      }),
    );
    const text = table(state(lines, { source }), columns, height).split('\n');
    expect(text.length).toBeLessThanOrEqual(height);
    for (const line of text) expect(width(line)).toBeLessThanOrEqual(columns);
  });
});

test('the progress line', () => {
  const progress = { read: 2 ** 19, size: 2 ** 20 };
  const shown = { source: 'data.csv', progress, rows: 1234, rowsPerSecond: 5678.9, counters: new Map() };
  expect(progressLine(shown, 80)).toBe('data.csv · 50% of 1.0 MiB · 1,234 rows · 5,679 rows/s');
  expect(progressLine({ ...shown, rows: 1 }, 80)).toContain(' · 1 row · ');
  expect(progressLine({ ...shown, progress: { read: 5, size: undefined } }, 14)).toBe('data.csv · 5 …');
  const counters = new Map([
    ['late', 1234],
    ['missing', 0],
  ]);
  expect(progressLine({ ...shown, counters }, 80)).toMatch(/ · 5,679 rows\/s · 1,234 late · 0 missing$/);
});

test('what else is counted is shown beside the rows that are invalid', () => {
  const counters = new Map([
    ['late', 1234],
    ['missing', 0],
  ]);
  const text = table(state([feature('a')], { counters, states: ['drift of a'] }), 120, 24);
  expect(text).toContain('0 dropped · 2 invalid · 1,234 late · 0 missing');
  expect(text.split('\n')[0]).toContain(' · drift of a · ws://');
});

test('the summary', () => {
  const run = { rows: 12_345, batches: 193, seconds: 61.23, dropped: 0, invalid: 0, counters: new Map() };
  expect(summary(run, 's.json')).toBe(
    '12,345 rows in 193 batches, 61.2 s, 202 rows/s, 0 dropped, 0 invalid; state saved to s.json',
  );
  expect(summary({ ...run, rows: 1, batches: 1, seconds: 0 })).toBe(
    '1 row in 1 batch, 0.0 s, 0 rows/s, 0 dropped, 0 invalid',
  );
  const counters = new Map<Counter, number>([
    ['late', 1234],
    ['missing', 0],
  ]);
  expect(summary({ ...run, counters })).toMatch(/, 0 invalid, 1,234 late, 0 missing$/);
});
