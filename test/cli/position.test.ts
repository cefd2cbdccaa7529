/** Which rows are still to be learned, however a run was interrupted. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { Row } from '../../src/cli/intake.js';
import { beginning, isPosition, type Position, Progress } from '../../src/cli/position.js';

const options = { '--lateness': '5s' };
const file = { path: '/data.csv', bytes: 3, sha256: 'abc', size: 3 };
const row = (place: number): Row => ({ place, read: [], values: [] });
const copy = (position: Position): Position => JSON.parse(JSON.stringify(position));

test('a run goes on behind what was learned, and with what was open', () => {
  const first = new Progress(file, options);
  const rows = [2, 3, 5, 6].map(row);
  for (const each of rows) expect(first.comes(each)).toBe(true);
  first.learned([rows[0]!, rows[2]!]);
  const expected = { ...beginning('file'), file, options, rows: 4, place: 6, open: [2, 4] };
  expect(first.position).toEqual(expected);

  const second = new Progress(file, options, copy(first.position));
  expect(second.resumedAt).toBe(6);
  expect([2, 3, 5, 6, 7].map((place) => second.comes(row(place)))).toEqual([false, true, false, true, true]);
});

test('interrupted before it is where it was, it still goes on there', () => {
  const before = { ...beginning('file'), file, options, rows: 4, place: 6, open: [2, 4] };
  const progress = new Progress(file, options, before);
  expect(progress.position).toEqual(before);
  const [, again] = [2, 3].map(row).map((each) => [progress.comes(each), each] as const);
  expect(progress.position).toEqual(before);
  progress.learned([again![1]]);
  expect(progress.position).toEqual({ ...before, open: [4] });
});

/** Minibatches of two rows of a key; the runs end after so many minibatches. */
test.prop(
  [fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }), fc.array(fc.nat(4), { maxLength: 8 })],
  {
    numRuns: 10_000,
  },
)('interrupted at any minibatches of any keys, each row is learned once', (keys, ends) => {
  const learn = (most: number, saved?: Position): { batches: string[]; position: Position } => {
    const progress = new Progress(file, options, saved);
    const open = new Map<string, Row[]>();
    const batches: string[] = [];
    let { position } = progress;
    for (const [place, key] of keys.entries()) {
      const each = { ...row(place), key };
      if (batches.length === most || !progress.comes(each)) continue;
      const batch = [...(open.get(key) ?? []), each];
      open.set(key, batch.length === 2 ? [] : batch);
      if (batch.length < 2) continue;
      batches.push(`${key}${batch.map((one) => one.place)}`);
      progress.learned(batch);
      position = progress.position;
    }
    return { batches, position };
  };

  const whole = learn(Number.POSITIVE_INFINITY).batches;
  const parts: string[] = [];
  let saved: Position | undefined;
  for (const most of [...ends, Number.POSITIVE_INFINITY]) {
    const { batches, position } = learn(most, saved);
    parts.push(...batches);
    saved = copy(position);
    expect(isPosition(saved)).toBe(true);
  }
  expect(parts.sort()).toEqual(whole.sort());
});

test('what was told is told of again only where it has ended the run', () => {
  const first = new Progress(file, options);
  for (const place of [2, 3, 4]) {
    first.reads(place);
    if (place > 2) first.judges();
  }
  expect(first.position).toMatchObject({ read: 4, judged: 2 });
  const second = new Progress(file, options, copy(first.position));
  second.reads(2);
  second.judges();
  expect(second.position).toMatchObject({ read: 4, judged: 2 });
  expect([2, 4, 5].map((place) => second.wasTold(place, false))).toEqual([true, true, false]);
  const rows = [1, 2, 3].map(() => {
    const told = second.wasTold(9, true);
    second.judges();
    return told;
  });
  expect(rows).toEqual([true, true, false]);
  second.reads(5);
  second.stopsAt(5, false);
  second.stopsAt(5, true);
  expect(second.position).toMatchObject({ read: 4, judged: 3 });
});

const whole = { ...new Progress(file, options).position };
test.each([
  null,
  {},
  { ...whole, open: [0.5] },
  { ...whole, rows: -1 },
  { ...whole, read: 0.5 },
  { ...whole, judged: undefined },
  { ...whole, by: 'chance' },
  { ...whole, file: { ...file, size: undefined } },
  { ...whole, file: { ...file, bytes: '3' } },
  { ...whole, options: '{}' },
  { ...whole, options: ['5s'] },
  { ...whole, options: { '--lateness': 5 } },
  { ...whole, open: undefined },
])('%j is no position', (json) => {
  expect(isPosition(json)).toBe(false);
});
