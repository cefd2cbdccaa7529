/** Late, missing, broken, keyed and drifting data: what the command makes of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exactMoments } from '../oracle/rational.js';
import { drawn, evenkeel, file, folder, ran, seattleWeather } from './command.js';

const [header, ...weather] = readFileSync(seattleWeather, 'utf8').trimEnd().split('\n');
const wind = weather.map((line) => Number(line.split(',')[4]));
const column = (line: string, name: string): string => line.split(',')[header!.split(',').indexOf(name)]!;
const sdOf = (values: readonly number[]): number =>
  Math.sqrt(exactMoments(Float64Array.from(values)).variance(1).toNumber());

describe('--lateness', () => {
  const path = (): string => file('data.csv', 't,x\n0,1\n40,2\n20,3\n70,4\n10,5\n');
  const run = async (...more: string[]) =>
    ran(['--from', path(), '--timestamp', 't', '--features', 'x', '--size', '1', ...more]);
  const order = ({ lines }: Awaited<ReturnType<typeof run>>): number[] => lines.map(({ mean }) => mean[0]!);

  test('rows are learned in the order of their times; what is later than that is counted and left out', async () => {
    const result = await run('--lateness', '30');
    expect(order(result)).toEqual([1, 3, 2, 4]);
    expect(result.told.at(-1)).toMatch(/, 0 invalid, 1 late$/);
    expect(order(await run('--lateness', '60ms'))).toEqual([1, 5, 3, 2, 4]);
    expect(order(await run('--lateness', '0'))).toEqual([1, 2, 4]);
    expect(order(await run())).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('--max-ahead', () => {
  const year = 365 * 86_400_000;
  /** Rows a second apart, and in the midst of them one of a clock that is a year ahead; whose values are no better. */
  const path = (): string => {
    const now = Date.now();
    const rows = [1, 2, 3, 4, 5, 6].map((x) => `${now + (x - 10) * 1000},${x}`);
    return file(
      'data.csv',
      ['t,x', `${now + year},`, ...rows.slice(0, 3), `${now + year},1e9`, ...rows.slice(3)].join('\n'),
    );
  };
  const run = async (...more: string[]) =>
    ran(['--from', path(), '--timestamp', 't', '--features', 'x', '--size', '1', ...more]);

  test.each([
    [[]],
    [['--lateness', '2s']],
    [['--window', '1h']],
    [['--half-life', '1m']],
    [['--speed', '1e6']],
  ])('a row further ahead of now is counted and left out, and makes no other late: %j', async (more) => {
    const { code, lines, told } = await run('--max-ahead', '1m', ...more);
    expect(code).toBe(0);
    expect(lines.map(({ mean }) => mean[0])).toEqual([1, 2, 3, 4, 5, 6]);
    const late = more.length > 0 && more[0] !== '--speed' ? ', 0 late' : '';
    expect(told).toEqual([expect.stringMatching(new RegExp(`, 0 invalid${late}, 2 ahead$`))]);
  });

  test('through a pipe, too', async () => {
    const now = Date.now();
    const rows = [
      [now, 1],
      [now + year, 2],
      [now + 1, 3],
    ].map(([t, x]) => `${JSON.stringify({ t, x })}\n`);
    const options = ['--timestamp', 't', '--lateness', '1s', '--max-ahead', '1m'];
    const { lines, told } = await evenkeel(['--from', '-', ...options], rows.join(''));
    expect(lines).toMatchObject([{ features: ['x'], rows: 2, mean: [2] }]);
    expect(told).toEqual([expect.stringMatching(/, 0 late, 1 ahead$/)]);
  });

  test('one less far ahead is not; nothing is counted where it was not asked for', async () => {
    const by = await run('--max-ahead', '400d', '--skip-invalid');
    expect(by.lines.map(({ mean }) => mean[0])).toEqual([1, 2, 3, 1e9, 4, 5, 6]);
    expect(by.told.at(-1)).toMatch(/, 1 invalid, 0 ahead$/);
    const late = await run('--lateness', '2s', '--skip-invalid');
    expect(late.told.at(-1)).toMatch(/, 6 late$/);
  });

  test('it does not decide which columns are features', async () => {
    const from = file('data.csv', `t,a,b\n${Date.now() + year},,5\n0,1,\n`);
    const { lines, errors } = await ran(['--from', from, '--timestamp', 't', '--max-ahead', '0']);
    expect(lines).toMatchObject([{ features: ['a'], rows: 1 }]);
    expect(errors).toEqual([expect.stringContaining(`${from}:3: no value of "b": left out`)]);
  });

  test('no state remembers it', async () => {
    const state = join(folder(), 'state.json');
    await run('--max-ahead', '1m', '--window', '1h', '--state', state);
    const { told } = await run('--max-ahead', '1m', '--window', '1h', '--state', state);
    expect(told.at(-1)).toMatch(/^evenkeel: 6 rows .*, 0 late, 2 ahead; state saved/);
  });
});

describe('--on-missing', () => {
  const from = (): string => file('data.csv', 't,a,b\n0,1,10\n1000,,20\n2000,3,\n9000,,40\n');
  const run = async (...more: string[]) =>
    ran(['--from', from(), '--features', 'a,b', '--eps', '0', ...more]);

  test('error: 65, as by default', async () => {
    const [by, asked] = await Promise.all([run(), run('--on-missing', 'error')]);
    expect([by.code, asked.code]).toEqual([65, 65]);
    expect(asked.errors).toEqual([expect.stringMatching(/:3: a is missing: ""$/)]);
  });

  test('skip: rows are counted and left out', async () => {
    const { code, lines, told } = await run('--on-missing', 'skip');
    expect([code, lines[0]?.rows, lines[0]?.mean]).toEqual([0, 1, [1, 10]]);
    expect(told.at(-1)).toMatch(/, 0 invalid, 3 missing$/);
  });

  test('statistics of no value are NaN, and so is an sd of too few', async () => {
    const from = file('data.csv', 'a,b\n1,\n1,\n3,\n3,7\n3,9\n3,9\n');
    const options = ['--from', from, '--on-missing', 'a=keep,b=keep', '--size', '2', '--running'];
    const shown = async (how: string): Promise<unknown[]> =>
      (await ran([...options, how])).lines.map((line) => [
        line.mean,
        line.sd,
        line.runningMean,
        line.runningSd,
      ]);
    const none = 'NaN';
    const sd = expect.any(Number);
    expect(await shown('pooled')).toEqual([
      [
        [1, none],
        [0, none],
        [1, none],
        [0, none],
      ],
      [
        [3, 7],
        [0, 0],
        [2, 7],
        [sd, none],
      ],
      [
        [3, 9],
        [0, 0],
        [expect.closeTo(7 / 3), expect.closeTo(25 / 3)],
        [sd, sd],
      ],
    ]);
    expect(await shown('average')).toEqual([
      [
        [1, none],
        [0, none],
        [1, none],
        [0, none],
      ],
      [
        [3, 7],
        [0, 0],
        [2, none],
        [0, none],
      ],
      [
        [3, 9],
        [0, 0],
        [expect.closeTo(7 / 3), 9],
        [0, 0],
      ],
    ]);
  });

  test('keep: they are counted, and stay NaN', async () => {
    const { lines, told } = await run('--on-missing', 'keep');
    expect(lines).toMatchObject([{ rows: 4, mean: [2, 70 / 3] }]);
    expect(lines[0]!.normalized.map(([a]) => a)).toEqual([-1, 'NaN', 1, 'NaN']);
    expect(told.at(-1)).toMatch(/, 3 missing$/);
  });

  test('mean and last, also by feature', async () => {
    expect((await run('--on-missing', 'mean')).lines[0]!.mean).toEqual([
      (1 + 1 + 3 + 2) / 4,
      (10 + 20 + 15 + 40) / 4,
    ]);
    expect((await run('--on-missing', 'last')).lines[0]!.mean).toEqual([
      (1 + 1 + 3 + 3) / 4,
      (10 + 20 + 20 + 40) / 4,
    ]);
    const mixed = await run('--on-missing', 'skip,a=mean');
    expect(mixed.lines).toMatchObject([{ rows: 3, mean: [1, 70 / 3] }]);
  });

  test('last:5s goes by --timestamp; what is older stays missing', async () => {
    const { lines } = await run('--timestamp', 't', '--on-missing', 'keep,a=last:5s');
    expect(lines[0]!.mean[0]).toBe(5 / 3);
    expect(lines[0]!.normalized[3]![0]).toBe('NaN');
  });

  test('a feature that there is not: 64', async () => {
    const { code, told } = await run('--on-missing', 'c=mean');
    expect({ code, told }).toEqual({
      code: 64,
      told: ['evenkeel: --on-missing: "c" is none of the features a,b'],
    });
  });

  test('a state learned where nothing could be missing goes on where something is', async () => {
    const state = join(folder(), 'state.json');
    await ran(['--from', file('data.csv', 'a\n1\n3\n'), '--state', state]);
    const { lines } = await ran([
      '--from',
      file('data.csv', 'a,b\n,0\n5,0\n'),
      '--state',
      state,
      '--on-missing',
      'keep',
    ]);
    expect(lines).toMatchObject([{ rows: 2, mean: [5], runningMean: [3] }]);
  });
});

describe('--limits', () => {
  test('rows with a value outside of them, or an infinite one, are put aside and counted', async () => {
    const from = file('data.csv', 'a,b\n1,0\n-41,0\n60,0\n61,0\n3,1e999\n');
    const run = (limits: string) => ran(['--from', from, '--limits', limits]);
    const { code, lines, told } = await run('a=-40..60');
    expect([code, lines[0]?.rows, lines[0]?.mean]).toEqual([0, 2, [30.5, 0]]);
    expect(told.at(-1)).toMatch(/, 0 invalid, 3 quarantined$/);
    expect((await run('..60')).lines).toMatchObject([{ rows: 3 }]);
    expect((await run('b=0..')).lines).toMatchObject([{ rows: 4 }]);
  });

  test('an infinity in words is one, in whatever capitals', async () => {
    const words = ['inf', '-inf', 'Infinity', '+Infinity', '-INFINITY', ' iNf '];
    const cells = file('data.csv', ['a', 'inf', '1', ...words, '3', ''].join('\n'));
    const lines = file(
      'data.ndjson',
      ['inf', 1, ...words, 3].map((a) => `${JSON.stringify({ a })}\n`).join(''),
    );
    for (const from of [
      ['--from', cells],
      ['--from', lines, '--features', 'a'],
    ]) {
      for (const limits of ['a=0..9', '..', 'a=..']) {
        const { code, lines, told } = await ran([...from, '--limits', limits]);
        expect([code, lines[0]?.rows, lines[0]?.mean]).toEqual([0, 2, [2]]);
        expect(told.at(-1)).toMatch(/, 0 invalid, 7 quarantined$/);
      }
      const { code, errors } = await ran(from);
      expect([code, errors]).toEqual([65, [expect.stringMatching(/:\d: a is not finite: "inf"$/)]]);
      expect((await ran([...from, '--skip-invalid'])).told.at(-1)).toMatch(
        /^evenkeel: 2 rows .*, 7 invalid$/,
      );
    }
  });

  test('in JSON that is not named, what is in quotes is no number', async () => {
    const from = file('data.ndjson', '{"a":1,"b":0}\n{"a":"inf","b":0}\n{"a":"2","b":0}\n');
    const invalid = async (...more: string[]) =>
      (await ran(['--from', from, '--skip-invalid', ...more])).told.at(-1);
    expect(await invalid('--limits', '0..9')).toMatch(/^evenkeel: 1 row .*, 2 invalid, 0 quarantined$/);
    expect(await invalid('--limits', 'b=0..9')).toMatch(/^evenkeel: 1 row .*, 2 invalid, 0 quarantined$/);
    expect(await invalid('--limits', 'a=0..9')).toMatch(/^evenkeel: 2 rows .*, 0 invalid, 1 quarantined$/);
  });

  test('in JSON that is named, "NaN" and "" are missing, as in a cell', async () => {
    const values = [1, 'NaN', '', ' nan ', null, 3];
    const cells = file('data.csv', ['a', '1', 'NaN', '""', ' nan ', '""', '3'].join('\n'));
    for (const first of [0, 1, 2, 3, 4]) {
      const turned = [...values.slice(first), ...values.slice(0, first)];
      const objects = file('data.ndjson', turned.map((a) => `${JSON.stringify({ a })}\n`).join(''));
      const arrays = file('data.ndjson', turned.map((a) => `${JSON.stringify([a])}\n`).join(''));
      for (const more of [
        ['--from', objects, '--on-missing', 'a=skip'],
        ['--from', objects, '--features', 'a', '--on-missing', 'skip'],
        ['--from', arrays, '--features', 'f0', '--on-missing', 'skip'],
        ['--from', cells, '--on-missing', 'skip'],
      ]) {
        const { code, lines, told } = await ran(more);
        expect([code, lines[0]?.rows, lines[0]?.mean]).toEqual([0, 2, [2]]);
        expect(told).toEqual([expect.stringMatching(/, 0 invalid, 4 missing$/)]);
      }
    }
    const { errors } = await ran([
      '--from',
      file('data.ndjson', '{"a":1}\n{"a":"NaN"}\n'),
      '--features',
      'a',
    ]);
    expect(errors).toEqual([expect.stringMatching(/:2: a is missing: "NaN"$/)]);
    const unnamed = await ran(['--from', file('data.ndjson', '{"a":1}\n{"a":"NaN"}\n')]);
    expect(unnamed.errors).toEqual([expect.stringMatching(/:2: a is not a number: "NaN"$/)]);
  });

  test('what is no number is invalid all the same', async () => {
    const from = file('data.csv', 'a\n1\nx\n2\n');
    const { code, errors } = await ran(['--from', from, '--limits', '0..9']);
    expect({ code, errors }).toEqual({ code: 65, errors: [`evenkeel: ${from}:3: a is not a number: "x"`] });
    expect((await ran(['--from', from, '--limits', '0..9', '--skip-invalid'])).told.at(-1)).toMatch(
      /1 invalid, 0 quarantined$/,
    );
  });
});

describe('a feature whose first value is missing', () => {
  const csv = (): string => file('data.csv', 'a,wind,place\n1,,\n3,5,x\n5,,y\n');
  const ndjson = (): string =>
    file(
      'data.ndjson',
      '{"a":1,"wind":null,"place":null}\n{"a":3,"wind":5,"place":"x"}\n{"a":5,"place":"y"}\n',
    );
  const kinds = [
    ['CSV', csv, 2],
    ['objects', ndjson, 1],
  ] as const;
  const unless = 'unless named with --features, --on-missing or --limits';

  test.each(kinds)('%s: is one where an option names it', async (_, from, line) => {
    const path = from();
    for (const [more, wind] of [
      [['--on-missing', 'wind=last'], 5],
      [['--on-missing', 'keep', '--limits', 'wind=0..'], 5],
      [['--on-missing', 'keep,wind=mean', '--limits', 'a=0..'], 5],
    ] as const) {
      const { code, lines, errors } = await ran(['--from', path, ...more]);
      expect([code, lines[0]!.features, lines[0]!.rows, lines[0]!.mean]).toEqual([
        0,
        ['a', 'wind'],
        3,
        [3, wind],
      ]);
      expect(errors).toEqual([`evenkeel: ${path}:${line}: no value of "place": left out, ${unless}`]);
    }
    const limits = await ran(['--from', path, '--limits', 'wind=0..', '--skip-invalid']);
    expect(limits.lines).toMatchObject([{ features: ['a', 'wind'], rows: 1, mean: [3, 5] }]);
    expect((await ran(['--from', path, '--on-missing', 'wind=error'])).errors.at(-1)).toMatch(
      /wind is missing/,
    );
  });

  test.each(kinds)('%s: is left out where none does, and that is told', async (_, from, line) => {
    const path = from();
    for (const more of [[], ['--on-missing', 'mean'], ['--limits', '..']]) {
      const { code, lines, errors } = await ran(['--from', path, ...more]);
      expect([code, lines[0]!.features]).toEqual([0, ['a']]);
      expect(errors).toEqual([`evenkeel: ${path}:${line}: no value of "wind", "place": left out, ${unless}`]);
    }
    const named = await ran(['--from', path, '--on-missing', 'mean', '--features', 'wind,a']);
    expect([named.lines[0]!.features, named.errors]).toEqual([['wind', 'a'], []]);
  });

  test.each(kinds)('%s: time and key are not among what is left out', async (_, from, line) => {
    const path = from();
    const { errors } = await ran(['--from', path, '--key', 'place', '--skip-invalid']);
    expect(errors).toEqual([`evenkeel: ${path}:${line}: no value of "wind": left out, ${unless}`]);
    const limited = await ran(['--from', path, '--key', 'place', '--skip-invalid', '--limits', 'place=0..']);
    expect([limited.code, limited.errors.at(-1)]).toEqual([
      64,
      'evenkeel: --limits: "place" is none of the features a',
    ]);
  });

  test.each(kinds)('%s: where there is a table, that tells', async (_, from) => {
    const { code, errors, table } = await drawn(['--from', from()]);
    expect([code, errors]).toEqual([0, []]);
    expect(table).toContain(' · left out: "wind", "place" · ');
    expect((await drawn(['--from', from(), '--features', 'a'])).table).not.toContain('left out');
  });

  test('a state knows its features', async () => {
    const state = join(folder(), 'state.json');
    const options = ['--on-missing', 'keep', '--state', state];
    await ran(['--from', file('data.csv', 'a,wind\n1,2\n'), ...options]);
    const { lines, errors } = await ran(['--from', csv(), ...options]);
    expect([lines[0]!.features, errors]).toEqual([['a', 'wind'], []]);
  });

  test('a first object that lacks a key that an option names is malformed: the next may have it', async () => {
    const from = file('data.ndjson', '{"a":1}\n{"a":3,"wind":null}\n{"a":5,"wind":7}\n{"a":7}\n');
    const options = ['--from', from, '--on-missing', 'wind=last'];
    const { code, errors } = await ran(options);
    expect([code, errors]).toEqual([65, [`evenkeel: ${from}:1: has no "wind"; it has "a"`]]);
    const { lines, told } = await ran([...options, '--skip-invalid']);
    expect(lines).toMatchObject([{ features: ['a', 'wind'], rows: 3, mean: [5, 7] }]);
    expect(told.at(-1)).toMatch(/, 1 invalid, 2 missing$/);
  });

  test('a column that is text, or is not there, is none, whatever names it: 64', async () => {
    for (const name of ['place', 'gust']) {
      const from = file('data.csv', 'a,place\n1,x\n');
      const { code, told } = await ran(['--from', from, '--on-missing', `${name}=mean`]);
      expect([code, told]).toEqual([64, [`evenkeel: --on-missing: "${name}" is none of the features a`]]);
    }
  });

  test('where all are empty, the next row decides', async () => {
    const from = file('data.csv', 'a,b\n,\n1,\n3,\n');
    const { errors, lines, told } = await ran(['--from', from, '--skip-invalid']);
    expect(lines).toMatchObject([{ features: ['a'], rows: 2 }]);
    expect(errors).toEqual([`evenkeel: ${from}:3: no value of "b": left out, ${unless}`]);
    expect(told.at(-1)).toMatch(/, 1 invalid$/);
  });

  test('objects: a number in quotes is told, and is one where an option names it', async () => {
    const trade = (p: string): string =>
      `{"E":${Number(p)},"s":"BTC","p":"${p}","q":"0.5","x":"NaN","y":""}\n`;
    const from = file('trades.ndjson', trade('1') + trade('3'));
    const { code, lines, errors } = await ran(['--from', from]);
    expect([code, lines[0]!.features]).toEqual([0, ['E']]);
    expect(errors).toEqual([
      `evenkeel: ${from}:1: no value of "x", "y": left out, ${unless}`,
      `evenkeel: ${from}:1: numbers in quotes of "p", "q": left out, ${unless}`,
    ]);
    expect((await drawn(['--from', from])).table).toContain(' · left out: "x", "y", "p", "q" · ');
    const limited = await ran(['--from', from, '--limits', 'p=0..,q=0..', '--key', 's']);
    expect(limited.lines).toMatchObject([{ features: ['E', 'p', 'q'], mean: [2, 2, 0.5] }]);
    expect(limited.errors).toEqual([`evenkeel: ${from}:1: no value of "x", "y": left out, ${unless}`]);
    expect((await ran(['--from', from, '--features', 'p'])).errors).toEqual([]);
  });

  test('a column without a name is none, and nothing to tell', async () => {
    const { lines, errors } = await ran(['--from', file('data.csv', 'a,,b,,\n1,,,,\n')]);
    expect(lines).toMatchObject([{ features: ['a'] }]);
    expect(errors).toEqual([expect.stringMatching(/: no value of "b": left out, /)]);
  });

  test('of many, some are told by their names', async () => {
    const columns = Array.from({ length: 1030 }, (_, i) => `c${i}`);
    const from = file('data.csv', `a,${columns}\n1${','.repeat(1030)}\n`);
    const { errors } = await ran(['--from', from]);
    expect(errors).toEqual([
      expect.stringMatching(/: no value of "c0", .*, "c19" and 1,010 more: left out, /),
    ]);
  });
});

describe('--window and --half-life', () => {
  test('--window 64 has the statistics of the latest 64 rows', async () => {
    const { lines } = await ran([
      '--from',
      seattleWeather,
      '--features',
      'wind',
      '--window',
      '64',
      '--size',
      '1',
    ]);
    const latest = wind.slice(-64);
    expect(lines.at(-1)!.runningMean[0]).toBeCloseTo(latest.reduce((sum, x) => sum + x) / 64, 12);
    expect(lines.at(-1)!.runningSd[0]).toBeCloseTo(sdOf(latest), 12);
  });

  test('--window 30d, of minibatches of a day: those of the latest 30 days', async () => {
    const { lines } = await ran([
      '--from',
      seattleWeather,
      '--timestamp',
      'date',
      '--features',
      'wind',
      '--window',
      '64d',
      '--size',
      '1',
    ]);
    expect(lines.at(-1)!.runningMean[0]).toBeCloseTo(wind.slice(-64).reduce((sum, x) => sum + x) / 64, 12);
  });

  test('--half-life by rows, and by days that are as many', async () => {
    const run = (...more: string[]) =>
      ran(['--from', seattleWeather, '--timestamp', 'date', '--features', 'wind', '--size', '1', ...more]);
    const [rows, days] = await Promise.all([run('--half-life', '20'), run('--half-life', '20d')]);
    let [mean, weight] = [0, 0];
    for (const x of wind) {
      weight = weight * 2 ** (-1 / 20) + 1;
      mean += (x - mean) / weight;
    }
    for (const { lines } of [rows, days]) expect(lines.at(-1)!.runningMean[0]).toBeCloseTo(mean, 10);
  });

  test('a state goes on as it was, and is refused another way: 78', async () => {
    const state = join(folder(), 'state.json');
    const options = ['--from', seattleWeather, '--features', 'wind', '--timestamp', 'date', '--state', state];
    await ran([...options, '--window', '90d', '--batches', '20']);
    expect((await ran(options)).code).toBe(0);
    expect((await ran([...options, '--running', 'window=90d'])).code).toBe(0);
    const { code, told } = await ran([...options, '--window', '30d']);
    expect({ code, told }).toEqual({
      code: 78,
      told: [`evenkeel: ${state}: was learned with --running window=90d, not window=30d`],
    });
  });

  describe('by time, rows that come too late to be learned are counted', () => {
    const times = [1000, 10, 1010, 20, 900, 1020];
    const from = (): string => file('data.csv', `t,x\n${times.map((t, i) => `${t},${i}\n`).join('')}`);
    const options = (...more: string[]): string[] => ['--from', from(), '--timestamp', 't', ...more];
    const one = ['--features', 'x', '--size', '1'];

    test.each([
      ['--window', '100ms', 3],
      ['--window', '200ms', 2],
      ['--half-life', '1ms', 2],
      ['--running', 'half-life=1.98ms', 2],
      ['--running', 'half-life=2ms', 0],
      ['--window', '10s', 0],
    ])('%s %s: %i', async (option, value, late) => {
      const { code, lines, told } = await ran(options(...one, option, value));
      expect([code, lines.length]).toEqual([0, 6]); // they are normalized all the same
      expect(told.at(-1)).toMatch(new RegExp(`^evenkeel: 6 rows in 6 batches, .*, 0 invalid, ${late} late$`));
    });

    test('a minibatch as a whole, by its latest row', async () => {
      const { told } = await ran(options('--features', 'x', '--size', '2', '--window', '100ms'));
      expect(told.at(-1)).toMatch(/, 0 late$/);
      const path = file('data.csv', 't,x\n1000,1\n1001,2\n10,3\n20,4\n');
      const two = await ran(['--from', path, '--timestamp', 't', '--size', '2', '--window', '100ms']);
      expect(two.told.at(-1)).toMatch(/, 2 late$/);
    });

    test('in the table too', async () => {
      const { table } = await drawn(options(...one, '--window', '100ms'));
      expect(table).toMatch(/ invalid · 3 late/);
    });

    test('beside those that --lateness leaves out', async () => {
      const { lines, told } = await ran(options(...one, '--window', '100ms', '--lateness', '100'));
      expect(lines).toHaveLength(3);
      expect(told.at(-1)).toMatch(/^evenkeel: 3 rows .*, 3 late$/);
      const learned = await ran(options(...one, '--window', '50ms', '--lateness', '2s'));
      expect(learned.told.at(-1)).toMatch(/^evenkeel: 6 rows .*, 0 late$/);
    });

    test('of a window by rows, or of all, there are none', async () => {
      for (const more of [['--window', '3'], ['--half-life', '3'], []])
        expect((await ran(options(...one, ...more))).told.at(-1)).toMatch(/, 0 invalid$/);
    });

    test('of each key, forgotten ones too', async () => {
      const rows = ['a,1000', 'a,1', 'b,5', 'b,1000', 'b,2', 'a,3', 'a,900', 'a,2', 'a,1'];
      const path = file('data.csv', `id,t,x\n${rows.map((row) => `${row},1\n`).join('')}`);
      const keyed = ['--from', path, '--timestamp', 't', ...one, '--key', 'id', '--window', '500ms'];
      const late = async (...more: string[]) => (await ran([...keyed, ...more])).told.at(-1);
      expect(await late()).toMatch(/, 5 late, 0 forgotten$/); // 1; 2; 3, 2 and 1
      expect(await late('--max-keys', '1')).toMatch(/, 4 late, 2 forgotten$/); // 3 is the first of a new a
    });

    test('of this run alone, where it resumes; the window need not be named again', async () => {
      const state = join(folder(), 'state.json');
      const resumable = options(...one, '--state', state);
      const runs = [
        await ran([...resumable, '--window', '100ms', '--batches', '3']),
        await ran([...resumable, '--batches', '1']),
        await ran(resumable),
        await ran([...resumable, '--eval']),
      ];
      expect(runs.map(({ told }) => /, (\d late)/.exec(told.at(-1)!)?.[1])).toEqual([
        '1 late',
        '1 late',
        '1 late',
        '0 late',
      ]);
    });
  });

  test('a state that goes by time is of no use without --timestamp: 78', async () => {
    const state = join(folder(), 'state.json');
    const options = ['--from', seattleWeather, '--features', 'wind', '--state', state];
    await ran([...options, '--timestamp', 'date', '--window', '90d']);
    const { code, told } = await ran(options);
    expect({ code, told }).toEqual({
      code: 78,
      told: [`evenkeel: ${state}: was learned with --running window=90d, which needs --timestamp`],
    });
  });
});

describe('--key', () => {
  const kinds = [...new Set(weather.map((line) => column(line, 'weather')))];
  const windOf = (kind: string): number[] =>
    weather.filter((line) => column(line, 'weather') === kind).map((line) => Number(column(line, 'wind')));

  test('each key has minibatches and statistics of its own', async () => {
    const { code, lines, told } = await ran([
      '--from',
      seattleWeather,
      '--key',
      'weather',
      '--features',
      'wind',
    ]);
    expect(code).toBe(0);
    expect(told.at(-1)).toMatch(/^evenkeel: 1,461 rows in \d+ batches, .*, 0 invalid, 0 forgotten$/);
    for (const kind of kinds) {
      const values = windOf(kind);
      const own = lines.filter(({ key }) => key === kind);
      expect(own.map(({ rows }) => rows)).toEqual(
        Array.from({ length: Math.ceil(values.length / 32) }, (_, i) => Math.min(32, values.length - 32 * i)),
      );
      expect(own.at(-1)!.runningMean[0]).toBeCloseTo(values.reduce((sum, x) => sum + x) / values.length, 12);
      expect(own.at(-1)!.runningSd[0]).toBeCloseTo(sdOf(values), 12);
    }
  });

  test('its column is no feature; what is in quotes is the same key', async () => {
    const from = file('data.ndjson', '{"id":1,"x":1}\n{"id":"1","x":3}\n{"id":2,"x":5}\n');
    const { lines } = await ran(['--from', from, '--key', 'id']);
    expect(lines.map(({ key, features, mean }) => [key, features, mean])).toEqual([
      ['1', ['x'], [2]],
      ['2', ['x'], [5]],
    ]);
  });

  test('a row without a key is malformed', async () => {
    const from = file('data.ndjson', '{"id":"a","x":1}\n{"x":3}\n{"id":[],"x":5}\n');
    const { code, errors } = await ran(['--from', from, '--key', 'id']);
    expect({ code, errors }).toEqual({ code: 65, errors: [`evenkeel: ${from}:2: id is missing`] });
    const skipping = await ran(['--from', from, '--key', 'id', '--skip-invalid']);
    expect(skipping.told.at(-1)).toMatch(/^evenkeel: 1 row in 1 batch, .*, 2 invalid, 0 forgotten$/);
  });

  test('--max-keys: the key used least recently is forgotten, and counted', async () => {
    const from = file('data.csv', 'id,x\na,1\nb,5\nc,7\na,3\n');
    const { lines, told } = await ran(['--from', from, '--key', 'id', '--max-keys', '2', '--size', '1']);
    expect(lines.map(({ key, runningMean }) => [key, runningMean[0]])).toEqual([
      ['a', 1],
      ['b', 5],
      ['c', 7],
      ['a', 3],
    ]);
    expect(told.at(-1)).toMatch(/, 2 forgotten$/);
  });

  describe('that keys are forgotten is told', () => {
    const from = (): string => file('data.csv', 'id,x\na,1\nb,5\nc,7\nd,3\n');
    const run = async (...more: string[]) => ran(['--from', from(), '--key', 'id', ...more]);
    const told = (keys: string): string =>
      `evenkeel: --key id: ${keys} kept, and what was learned of others is forgotten; --max-keys keeps more`;

    test('once, be it as the last minibatch comes, with --state too', async () => {
      for (const size of ['1', '2'])
        expect((await run('--max-keys', '2', '--size', size)).errors).toEqual([told('2 keys are')]);
      expect((await run('--max-keys', '3')).errors).toEqual([told('3 keys are')]);
      const state = join(folder(), 'state.json');
      expect((await run('--state', state)).errors).toEqual([]);
      const { errors, told: lines } = await run('--state', state, '--max-keys', '1');
      expect(errors).toEqual([told('1 key is')]);
      expect(lines.at(-1)).toMatch(/, 7 forgotten; /); // three of the state's four, and four more
    });

    test('not where none is, nor where there is a table, which counts them', async () => {
      expect((await run('--max-keys', '4', '--size', '1')).errors).toEqual([]);
      const { errors, table } = await drawn(['--from', from(), '--key', 'id', '--max-keys', '1']);
      expect(errors).toEqual([]);
      expect(table).toMatch(/ · 3 forgotten/);
    });

    test('of more than a thousand, by default', async () => {
      const ids = Array.from({ length: 1001 }, (_, id) => `${id},1\n`);
      const path = file('data.csv', `id,x\n${ids.join('')}`);
      const { errors } = await ran(['--from', path, '--key', 'id', '--features', 'x']);
      expect(errors).toEqual([told('1,000 keys are')]);
    });
  });

  test('--state keeps all keys; --eval normalizes by them, and knows nothing of another', async () => {
    const state = join(folder(), 'state.json');
    const options = ['--key', 'id', '--eps', '0', '--state', state];
    await ran(['--from', file('data.csv', 'id,x\na,1\nb,50\na,3\nb,70\n'), ...options]);
    const from = file('data.csv', 'id,x\na,2\nb,60\nc,9\n');
    const { code, lines } = await ran(['--from', from, ...options, '--eval']);
    expect(code).toBe(0);
    expect(
      lines.slice(0, 2).map(({ key, normalized, runningMean }) => [key, normalized, runningMean]),
    ).toEqual([
      ['a', [[0]], [2]],
      ['b', [[0]], [60]],
    ]);
    expect(lines[2]).toMatchObject({ key: 'c', runningMean: ['NaN'], runningSd: ['NaN'] });
  });

  test('a state with keys, or of another one, is refused: 78', async () => {
    const state = join(folder(), 'state.json');
    const from = ['--from', seattleWeather, '--features', 'wind', '--state', state];
    await ran([...from, '--key', 'weather']);
    const refusal = async (...more: string[]): Promise<unknown> => {
      const { code, told } = await ran([...from, ...more]);
      return [code, told];
    };
    expect(await refusal()).toEqual([
      78,
      [`evenkeel: ${state}: was learned with --key weather, not without --key`],
    ]);
    expect(await refusal('--key', 'date')).toEqual([
      78,
      [`evenkeel: ${state}: was learned with --key weather, not with --key date`],
    ]);
    expect(await refusal('--key', 'weather', '--eps', '1')).toMatchObject([
      78,
      [/with --eps 0\.00001, not 1/],
    ]);
  });
});

test('what is missing of a key is filled in by that key alone', async () => {
  const path = file('data.csv', 's,p\na,1\nb,500\na,\nb,\na,3\na,\nb,\n');
  const options = ['--from', path, '--features', 'p', '--key', 's', '--size', '1'];
  const shown = async (policy: string): Promise<unknown[]> =>
    (await ran([...options, '--on-missing', policy])).lines.map(({ key, mean }) => [key, mean[0]]);
  expect(await shown('last')).toEqual([
    ['a', 1],
    ['b', 500],
    ['a', 1],
    ['b', 500],
    ['a', 3],
    ['a', 3],
    ['b', 500],
  ]);
  expect((await shown('mean'))[5]).toEqual(['a', 2]);
  // Forgotten by then: nothing to fill in with.
  expect((await ran([...options, '--on-missing', 'last', '--max-keys', '1'])).lines[2]!.normalized).toEqual([
    ['NaN'],
  ]);
});

describe('--drift', () => {
  const jump = (rows: number): string =>
    file(
      'data.csv',
      `x\n${Array.from({ length: rows }, (_, i) => `${(i % 7) + (i >= 400 ? 5 : 0)}\n`).join('')}`,
    );

  test('a jump is told once, is in the lines, and a stream that stays as it was is silent', async () => {
    const { code, lines, errors } = await ran(['--from', jump(800), '--drift', '100']);
    expect(code).toBe(0);
    expect(errors).toEqual([
      expect.stringMatching(
        /^evenkeel: x drifts, after 4\d\d rows: shift [\d.]+ sd, log variance ratio [-\d.]+, divergence [\d.]+$/,
      ),
    ]);
    const drifts = lines.map(({ drift }) => drift!);
    expect(drifts.findIndex(({ alarms }) => alarms.length > 0)).toBeGreaterThanOrEqual(400 / 32 - 1);
    expect(drifts.at(-1)).toMatchObject({ alarms: ['x'] });
    expect(drifts.at(-1)!.shift[0]).toBeCloseTo(2.5, 1);
    expect((await ran(['--from', jump(400), '--drift', '100'])).errors).toEqual([]);
    expect((await ran(['--from', jump(400)])).lines[0]).not.toHaveProperty('drift');
  });

  test('its reference is what --state has learned, where there is that', async () => {
    const state = join(folder(), 'state.json');
    await ran(['--from', jump(400), '--state', state]);
    const moved = file(
      'data.csv',
      `x\n${Array.from({ length: 100 }, (_, i) => `${(i % 7) + 5}\n`).join('')}`,
    );
    const { errors } = await ran(['--from', moved, '--state', state, '--drift', '50', '--size', '10']);
    expect(errors).toEqual([expect.stringMatching(/x drifts, after 50 rows: shift 2\.\d+ sd/)]);
    expect((await ran(['--from', moved, '--drift', '50', '--size', '10'])).errors).toEqual([]);
  });
});
