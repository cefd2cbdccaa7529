/** What is told of times is checked on contenders whose times are known: no clock is read here. */
import { describe, expect, test } from 'vitest';
import { type Contender, here, sink } from '../../bench/contender.js';
import { type Pair, rounds, sideBySide } from '../../bench/side-by-side.js';

interface Turn {
  readonly name: string;
  readonly times: number;
}

/** A machine on which a time takes `cost(turn)` seconds, the turns being counted over all contenders. */
function machine() {
  const turns: Turn[] = [];
  const contender = (
    name: string,
    cost: (turn: number) => number,
    { pieces = 1, result = [1] } = {},
  ): Contender => ({
    name,
    pieces,
    result: () => result,
    run(times) {
      turns.push({ name, times });
      return times * cost(turns.length - 1);
    },
  });
  return { turns, contender };
}

const effort = { rounds: 4, turn: 1, warmup: 1 };

describe('a contender, by a clock that is given', () => {
  test('does the work so many times, and all that comes out counts', () => {
    let now = 0;
    let done = 0;
    const work = {
      once() {
        now += 250; // ms
        return ++done;
      },
      result: () => [],
    };
    const before = sink.value;
    expect(here('a', work, () => now).run(4)).toBe(1);
    expect(done).toBe(4);
    expect(sink.value - before).toBe(1 + 2 + 3 + 4);
  });
});

describe('rounds', () => {
  test('take turns, there and back', async () => {
    const { turns, contender } = machine();
    await rounds(
      ['a', 'b', 'c'].map((name) => contender(name, () => 1)),
      effort,
    );
    const order = turns.map(({ name }) => name).join('');
    expect(order).toBe('abc' + 'abc' + 'cba' + 'abc' + 'cba'); // the first is to find how many times fill a turn
  });

  test('each turn is filled, whatever a time takes', async () => {
    const { turns, contender } = machine();
    const quick = contender('quick', () => 1e-6);
    const slow = contender('slow', () => 3);
    await rounds([quick, slow], { ...effort, warmup: 0.001 });
    const last = turns.slice(-2 * effort.rounds);
    for (const { name, times } of last) {
      if (name === 'slow') expect(times).toBe(1);
      else {
        expect(times * 1e-6).toBeGreaterThanOrEqual(1);
        expect(times * 1e-6).toBeLessThan(1.2);
      }
    }
  });

  test('start once it is warm: here the first seconds are ten times as slow', async () => {
    const { turns, contender } = machine();
    let spent = 0;
    const cost = (): number => (spent < 20 ? 1e-2 : 1e-3);
    const warming = contender('warming', cost);
    const watched: Contender = {
      ...warming,
      run(times) {
        const seconds = Number(warming.run(times));
        spent += seconds;
        return seconds;
      },
    };
    const seconds = await rounds([watched], { ...effort, warmup: 25 });
    expect(new Set(seconds.get(watched)!.map((time) => time.toPrecision(6)))).toEqual(
      new Set(['0.00100000']),
    );
    expect(turns.at(-1)!.times * 1e-3).toBeGreaterThanOrEqual(1);
  });

  test('a time is of so many pieces', async () => {
    const { contender } = machine();
    const rows = contender('rows', () => 8, { pieces: 4 });
    expect((await rounds([rows], effort)).get(rows)).toEqual([2, 2, 2, 2]);
  });
});

describe('side by side', () => {
  test('a machine that gets slower and slower changes no ratio, as turns are next to each other', async () => {
    const { contender } = machine();
    const ours = contender('ours', (turn) => 2 + 0.001 * turn);
    const theirs = contender('theirs', (turn) => 3 * (2 + 0.001 * turn));
    const [line] = await sideBySide([{ ours, theirs, measure: 'speed' }], { ...effort, rounds: 101 });
    expect(line!.ratio!.median).toBeCloseTo(3, 2);
    expect(line!.ratio!.high - line!.ratio!.low).toBeLessThan(0.01);
    expect(line!.ours.value).toBeGreaterThan(2.05);
  });

  test('the ratio is the median of those of the rounds, with their quartiles', async () => {
    const { contender } = machine();
    let round = 0;
    const ours = contender('ours', () => 1);
    const theirs = contender('theirs', () => 2 ** round++); // once to calibrate, then rounds 1 to 5
    const both = { ours, theirs } as const;
    const lines = await sideBySide(
      [
        { ...both, measure: 'speed' },
        { ...both, measure: 'cost' },
      ],
      { ...effort, rounds: 5 },
    );
    expect(lines[0]).toMatchObject({
      ours: { value: 1 },
      theirs: { value: 8 },
      ratio: { low: 4, median: 8, high: 16 },
    });
    expect(lines[1]!.ratio).toEqual({ low: 1 / 16, median: 1 / 8, high: 1 / 4 });
  });

  test('what is absent has a line without a ratio, and ours is measured all the same', async () => {
    const { contender } = machine();
    const ours = contender('ours', () => 2);
    const [line] = await sideBySide(
      [{ ours, theirs: { absent: 'torch' }, measure: 'speed', bound: { atLeast: 8 } }],
      effort,
    );
    expect(line).toEqual({
      ours: { name: 'ours', value: 2 },
      theirs: { absent: 'torch' },
      unit: 'seconds',
      measure: 'speed',
      ratio: undefined,
      bound: { atLeast: 8 },
    });
  });

  const { contender, turns } = machine();
  const one = (name: string, ...result: number[]): Contender => contender(name, () => 1, { result });
  test.each<[string, Omit<Pair, 'measure'>]>([
    ['1 and 2 at 1', { ours: one('a', 0, 1), theirs: one('b', 0, 2) }],
    ['1 and 1.002 at 0', { ours: one('a', 1), theirs: one('b', 1.002), tolerance: 1e-3 }],
    ['1 and NaN at 0', { ours: one('a', 1), theirs: one('b', Number.NaN) }],
    ['1 and 2 values', { ours: one('a', 1), theirs: one('b', 1, 1) }],
    ['5 and 1 at 0', { ours: one('c', 1), theirs: one('b', 1), sameAs: one('a', 5) }],
  ])('who does something else is not timed: %s', async (difference, pair) => {
    await expect(sideBySide([{ ...pair, measure: 'speed' }], effort)).rejects.toThrow(
      `a and b do not do the same: ${difference}`,
    );
    expect(turns).toEqual([]);
  });

  test('small differences are relative to large values, and absolute beside small ones', async () => {
    const ours = one('a', 1e6, 1e-6);
    const theirs = one('b', 1e6 + 900, 2e-6);
    await expect(
      sideBySide([{ ours, theirs, measure: 'speed', tolerance: 1e-3 }], effort),
    ).resolves.toHaveLength(1);
  });

  test('of ours that miss a bound, and only of these, it is told once where the time goes, if that is asked for', async () => {
    const { contender, turns } = machine();
    const ours = contender('ours', () => 1);
    const theirs = contender('theirs', () => 4);
    const other = contender('other', () => 1);
    const pairs: Pair[] = [
      { ours, theirs, measure: 'speed', bound: { atLeast: 4 } },
      { ours, theirs, measure: 'speed', bound: { atLeast: 5 } },
      { ours, theirs, measure: 'speed', bound: { atLeast: 6 } },
      { ours: other, theirs, measure: 'speed' },
    ];
    const lines = await sideBySide(pairs, { ...effort, profile: true });
    expect(lines.map(({ shares }) => shares !== undefined)).toEqual([false, true, false, false]);
    expect(turns.at(-1)).toEqual({ name: 'ours', times: effort.rounds * effort.turn });
    for (const line of await sideBySide(pairs, effort)) expect(line).not.toHaveProperty('shares');
  });
});
