/** The command on files and standard input, end to end. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { BatchNorm, Moments, tensor } from 'evenkeel';
import { firstValueFrom, lastValueFrom, tap } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { JsonLines } from '../../src/cli/sinks/json-lines.js';
import { MOST_WAITING } from '../../src/cli/sinks/sink.js';
import { fileSource } from '../../src/cli/sources/file.js';
import { StateFile } from '../../src/cli/state-file.js';
import type { Output } from '../../src/cli/surroundings.js';
import { expectExact, largestOf } from '../oracle/expect-exact.js';
import { exactMoments } from '../oracle/rational.js';
import { command, evenkeel, file, folder, ran, savedState, seattleWeather, start } from './command.js';

const weather = readFileSync(seattleWeather, 'utf8').trimEnd().split('\n');
const columns = ['precipitation', 'temp_max', 'temp_min', 'wind'] as const;
const column = (name: (typeof columns)[number]): number[] =>
  weather.slice(1).map((line) => Number(line.split(',')[weather[0]!.split(',').indexOf(name)]));

/** A line of shell in which "$@" is the command: its code, and what it tells. */
function shell(line: string, ...args: readonly string[]): [number | null, string] {
  const { status, stderr } = spawnSync('sh', ['-c', line, 'sh', ...command, ...args], { encoding: 'utf8' });
  return [status, stderr];
}
const savedMoments = (path: string): Moments => Moments.fromJSON(savedState(path).state.running.moments);

describe('a CSV file', () => {
  test('is normalized in minibatches of its numeric columns; the last may be smaller', async () => {
    const { code, lines, told } = await evenkeel(['--from', seattleWeather]);
    expect(code).toBe(0);
    expect(lines.map(({ batch }) => batch)).toEqual(Array.from({ length: 46 }, (_, i) => i + 1));
    expect(lines.map(({ rows }) => rows)).toEqual([...Array(45).fill(32), 21]);
    for (const { features, rows, normalized, sd } of lines) {
      expect(features).toEqual(columns);
      expect(normalized).toHaveLength(rows);
      columns.forEach((_, i) => {
        const values = normalized.map((row) => row[i]!);
        const mean = values.reduce((sum, value) => sum + value, 0) / rows;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
        expect(Math.abs(mean)).toBeLessThan(1e-12);
        expect(variance).toBeCloseTo(sd[i]! ** 2 / (sd[i]! ** 2 + 1e-5), 12);
      });
    }
    expect(told).toEqual([
      expect.stringMatching(
        /^evenkeel: 1,461 rows in 46 batches, \d+\.\d s, [\d,]+ rows\/s, 0 dropped, 0 invalid$/,
      ),
    ]);
  });

  test('ends with the exact statistics of all its data', async () => {
    const state = join(folder(), 'state.json');
    const { lines } = await evenkeel(['--from', seattleWeather, '--state', state]);
    const moments = savedMoments(state);
    columns.forEach((name, i) => {
      const exact = exactMoments(Float64Array.from(column(name)));
      expectExact(moments, exact, largestOf(column(name)), i);
      const last = lines.at(-1)!;
      expect(last.runningMean[i]).toBe(moments.mean[i]);
      expect(last.runningSd[i]).toBe(Math.sqrt(moments.variance(1)[i]!));
    });
  });

  test('of the features that are asked for, in their order', async () => {
    const { lines } = await evenkeel([
      '--from',
      seattleWeather,
      '--features',
      'wind,temp_max',
      '--batches',
      '2',
      '--size',
      '5',
    ]);
    expect(lines.map(({ features, rows }) => ({ features, rows }))).toEqual(
      Array(2).fill({ features: ['wind', 'temp_max'], rows: 5 }),
    );
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value) / values.length;
    expect(lines[0]!.mean[0]).toBeCloseTo(mean(column('wind').slice(0, 5)), 12);
    expect(lines[1]!.mean[1]).toBeCloseTo(mean(column('temp_max').slice(5, 10)), 12);
  });

  test('the column of --timestamp is no feature, unless it is named', async () => {
    const path = file('data.csv', 't,x\n1000,1\n2000,3\n');
    const features = async (...more: string[]): Promise<readonly string[] | undefined> =>
      (await ran(['--from', path, '--timestamp', 't', ...more])).lines[0]?.features;
    expect(await features()).toEqual(['x']);
    expect(await features('--features', 'x,t')).toEqual(['x', 't']);
    const alone = await ran(['--from', file('data.csv', 't\n1000\n'), '--timestamp', 't']);
    expect(alone.errors).toEqual([expect.stringMatching(/:2: has no number in any column$/)]);
  });

  test('with nothing in it is nothing', async () => {
    for (const content of ['', 'a,b\n']) {
      const state = join(folder(), 'state.json');
      const { code, stdout, told } = await evenkeel(['--from', file('empty.csv', content), '--state', state]);
      expect({ code, stdout, told }).toEqual({
        code: 0,
        stdout: '',
        told: [expect.stringMatching(/^evenkeel: 0 rows in 0 batches, /)],
      });
      expect(existsSync(state)).toBe(false);
    }
  });

  test('is read no faster than what comes of it is taken', async () => {
    const path = file('big.csv', `a\n${'1\n'.repeat(2 ** 20)}`);
    let asked = 0;
    const stuck = new Promise<void>((resolve) => {
      const ready = (): Promise<void> | undefined => {
        if (++asked <= 2) return undefined; // before the first samples
        resolve();
        return new Promise(() => {});
      };
      void fileSource(path, { ready, rows: 100 }).then((source) => {
        let samples = 0;
        const subscription = source.samples$.subscribe(() => samples++);
        void stuck.then(() => {
          expect(samples).toBe(200);
          expect(source.progress!().read).toBeLessThanOrEqual(4 * 2 ** 16);
          subscription.unsubscribe();
        });
      });
    });
    await stuck;
  });

  test('is asked for room a minibatch at a time, however it comes in', async () => {
    const path = file('some.csv', `a\n${'1\n'.repeat(100_000)}`); // some chunks, of other sizes
    let samples = 0;
    const asked: number[] = [];
    const ready = (): undefined => void asked.push(samples);
    const source = await fileSource(path, { ready, rows: 1000 });
    await lastValueFrom(source.samples$.pipe(tap(() => samples++)));
    expect(asked).toEqual(Array.from({ length: 101 }, (_, i) => 1000 * i));
  });
});

describe('NDJSON', () => {
  test('objects: the keys whose first value is a number', async () => {
    const path = file('data.ndjson', '{"t":1,"unit":"C","p":10}\n{"p":30,"t":3}\n');
    const [line] = (await evenkeel(['--from', path, '--eps', '0'])).lines;
    expect(line).toEqual({
      batch: 1,
      rows: 2,
      features: ['t', 'p'],
      normalized: [
        [-1, -1],
        [1, 1],
      ],
      mean: [2, 20],
      sd: [1, 10],
      runningMean: [2, 20],
      runningSd: [Math.SQRT2, Math.sqrt(200)],
    });
  });

  test('arrays and numbers, from standard input', async () => {
    const arrays = await evenkeel(['--from', '-', '--features', 'f1'], '[1,10]\n[3,30]\n');
    expect(arrays.lines).toMatchObject([{ features: ['f1'], mean: [20] }]);
    const numbers = await evenkeel(['--from', '-', '--size', '2'], '1\n3\n5\n');
    expect(numbers.lines).toMatchObject([
      { features: ['f0'], mean: [2], rows: 2 },
      { mean: [5], sd: [0], rows: 1, runningMean: [3] },
    ]);
  });

  test('a number in quotes is one where its feature is named', async () => {
    const path = file('data.ndjson', '{"b":"427.84","B":"24"}\n{"b":"427.90","B":"x"}\n');
    const { lines } = await ran(['--from', path, '--features', 'b']);
    expect(lines).toMatchObject([{ features: ['b'], mean: [427.87] }]);
    expect((await ran(['--from', path])).errors).toEqual([
      `evenkeel: ${path}:1: has no key whose value is a number; numbers in quotes of "b", "B": left out, ` +
        'unless named with --features, --on-missing or --limits',
    ]);
    expect((await ran(['--from', path, '--features', 'B'])).errors).toEqual([
      `evenkeel: ${path}:2: B is not a number: "x"`,
    ]);
    const arrays = file('data.ndjson', '["1",2]\n["3",4]\n');
    expect((await ran(['--from', arrays, '--features', 'f0'])).lines).toMatchObject([{ mean: [2] }]);
  });

  test('CSV from standard input is known by its header', async () => {
    const { lines } = await evenkeel(['--from', '-'], weather.slice(0, 11).join('\n'));
    expect(lines).toMatchObject([{ features: columns, rows: 10 }]);
  });

  test('a key named __proto__ is a key', async () => {
    const { lines } = await evenkeel(['--from', '-'], '{"__proto__":1,"a":2}\n{"__proto__":3,"a":4}\n');
    expect(lines).toMatchObject([{ features: ['__proto__', 'a'], mean: [2, 3] }]);
  });
});

describe('options', () => {
  const numbers = '1\n2\n3\n10\n';

  test('--running momentum is that of PyTorch', async () => {
    const { lines } = await evenkeel(['--from', '-', '--size', '2', '--running', 'momentum=0.5'], numbers);
    expect(lines.map(({ runningMean }) => runningMean)).toEqual([[0.75], [0.5 * 0.75 + 0.5 * 6.5]]);
  });

  test('a number JSON does not have is a string, never null', async () => {
    const { stdout } = await evenkeel(['--from', '-', '--size', '2'], '-1.7e308\n1.7e308\n');
    expect(stdout).toContain('"sd":["Infinity"]');
    expect(stdout).not.toContain('null');
  });

  test('--to - is what a pipe gets anyhow', async () => {
    const [plain, asked] = await Promise.all([
      evenkeel(['--from', '-'], numbers),
      evenkeel(['--from', '-', '--to', '-'], numbers),
    ]);
    expect(asked.stdout).toBe(plain.stdout);
  });
});

describe('--state', () => {
  const split = 1 + 20 * 32;
  const halves = (): [string, string] => [
    file('first.csv', weather.slice(0, split).join('\n')),
    file('second.csv', [weather[0], ...weather.slice(split)].join('\n')),
  ];

  test.each(['pooled', 'average', 'momentum=0.1', 'half-life=100'])(
    'stopped and resumed, a run ends with the same file bit for bit (--running %s)',
    async (running) => {
      const dir = folder();
      const [whole, parts] = [join(dir, 'whole.json'), join(dir, 'parts.json')];
      const [first, second] = halves();
      const options = ['--running', running];
      const once = await ran(['--from', seattleWeather, '--state', whole, ...options]);
      const one = await ran(['--from', first, '--state', parts, ...options]);
      const two = await ran(['--from', second, '--state', parts]);
      expect([once.code, one.code, two.code]).toEqual([0, 0, 0]);
      expect(two.told.at(-1)).toMatch(`; state saved to ${parts}`);
      expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
      expect([...one.lines, ...two.lines].map(({ normalized }) => normalized)).toEqual(
        once.lines.map(({ normalized }) => normalized),
      );
      expect(savedState(whole)).toMatchObject({
        kind: 'evenkeel checkpoint',
        version: 1,
        features: columns,
        position: null,
        state: { batches: 46 },
      });
    },
  );

  test('--batches stops between minibatches', async () => {
    const state = join(folder(), 'state.json');
    const { code, lines } = await evenkeel(['--from', seattleWeather, '--state', state, '--batches', '3']);
    expect([code, lines.length]).toEqual([0, 3]);
    expect(savedState(state).state.batches).toBe(3);
    expect(savedMoments(state).count[0]).toBe(96);
  });

  test('--eval normalizes with it, learns nothing and leaves it alone', async () => {
    const state = join(folder(), 'state.json');
    await evenkeel(['--from', seattleWeather, '--state', state]);
    const before = { bytes: readFileSync(state), changed: statSync(state).mtimeMs };
    const { code, lines, told } = await evenkeel([
      '--from',
      seattleWeather,
      '--state',
      state,
      '--eval',
      '--size',
      '100',
    ]);
    expect(code).toBe(0);
    expect({ bytes: readFileSync(state), changed: statSync(state).mtimeMs }).toEqual(before);
    expect(told.join()).not.toContain('saved');
    const { runningMean, runningSd, normalized } = lines[0]!;
    for (const line of lines) expect(line).toMatchObject({ runningMean, runningSd });
    const value = (column('temp_max')[0]! - runningMean[1]!) / Math.sqrt(runningSd[1]! ** 2 + 1e-5);
    expect(normalized[0]![1]).toBeCloseTo(value, 12);
  });

  test('its features are those of what resumes from it, unless others are asked for', async () => {
    const path = join(folder(), 'state.json');
    await ran(['--from', seattleWeather, '--state', path, '--features', 'wind,temp_max']);
    const { lines } = await ran(['--from', seattleWeather, '--state', path, '--eval', '--batches', '1']);
    expect(lines[0]!.features).toEqual(['wind', 'temp_max']);

    const rows = '{"temp_max":null,"wind":1}\n{"temp_max":2,"wind":3}\n';
    const resumed = await evenkeel(['--from', '-', '--state', path, '--skip-invalid'], rows);
    expect([resumed.code, resumed.lines[0]!.rows, resumed.lines[0]!.mean]).toEqual([0, 1, [3, 2]]);
  });

  test.each([
    ['data.ndjson', '{"a":1}\n{"a":3,"b":5}\n', ['a', 'b'], 'has no "b"'],
    ['data.ndjson', '[1]\n[3,5]\n', ['f0', 'f1'], 'has no "f1"'],
    ['data.ndjson', 'null\n[3,5]\n', ['f0', 'f1'], 'is neither a number, an array nor an object'],
  ])('%s %j, resumed: a first sample without all of %j is invalid', async (name, content, features, why) => {
    const state = join(folder(), 'state.json');
    await new StateFile(state).write({ features, normalizer: new BatchNorm(2) });
    const path = file(name, content);
    const { code, told } = await ran(['--from', path, '--state', state]);
    expect({ code, told }).toEqual({ code: 65, told: [`evenkeel: ${path}:1: ${why}`] });
    const skipping = await ran(['--from', path, '--state', state, '--skip-invalid']);
    expect(skipping).toMatchObject({ code: 0, lines: [{ features, rows: 1, mean: [3, 5] }] });
    expect(skipping.told[0]).toMatch(/, 1 invalid; state saved to /);
  });

  test.each([
    ['data.ndjson', '{"c":1,"d":2}\n{"a":3,"b":5}\n', 'c,d'],
    ['data.ndjson', '[1,2]\n', 'f0,f1'],
    ['data.csv', 'a,c\n1,2\n', 'a,c'],
  ])(
    '%s %j is of other features than a state of a,b, whatever is skipped: 78',
    async (name, content, its) => {
      const state = join(folder(), 'state.json');
      await new StateFile(state).write({ features: ['a', 'b'], normalizer: new BatchNorm(2) });
      for (const options of [[], ['--skip-invalid']]) {
        const { code, told } = await ran(['--from', file(name, content), '--state', state, ...options]);
        expect({ code, told }).toEqual({
          code: 78,
          told: [`evenkeel: ${state}: was learned from the features a,b, not ${its}`],
        });
      }
    },
  );

  test('what was learned before a malformed line is saved', async () => {
    const state = join(folder(), 'state.json');
    const path = file('data.csv', 'a,b\n1,2\n3,4\n5,6\n7,x\n9,10\n');
    const { code, errors, lines } = await evenkeel(['--from', path, '--state', state, '--size', '2']);
    expect(code).toBe(65);
    expect(errors).toEqual([`evenkeel: ${path}:5: b is not a number: "x"`]);
    expect(lines.map(({ rows }) => rows)).toEqual([2, 1]);
    expect([...savedMoments(state).count]).toEqual([3, 3]);
    expect([...savedMoments(state).mean]).toEqual([3, 4]);
  });
});

describe('invalid input', () => {
  test.each([
    ['data.csv', 'a,b\n1,2\n3,\n', 3, 'b is missing: ""'],
    ['data.csv', 'a,b\n1,2\n3,NaN\n', 3, 'b is missing: "NaN"'],
    ['data.csv', 'a,b\n1,2\n3,0x10\n', 3, 'b is not a number: "0x10"'],
    ['data.csv', 'a,b\n1,2\n3, \n', 3, 'b is not a number: " "'],
    ['data.csv', 'a,b\n1,2\n1e999,4\n', 3, 'a is not finite: "1e999"'],
    ['data.csv', 'a,b\n1,2\n3\n', 3, 'has 1 cell, the header has 2'],
    ['data.csv', 'a,b\n1,2\n3,"4\n', 3, 'has a quote that is never closed'],
    ['data.csv', 'a,b\nx,y\n', 2, 'has no number in any column'],
    ['data.csv', 'a;b\n1;2\n', 2, 'has no number in any column; cells are separated by commas, not by ;'],
    ['data.csv', 'a;b\n1,5;2\n', 2, 'has 2 cells, the header has 1; cells are separated by commas, not by ;'],
    [
      'data.csv',
      'a\tb\n1\t2\n',
      2,
      'has no number in any column; cells are separated by commas, not by tabs',
    ],
    ['data.csv', 'a;b,c\nx,y\n', 2, 'has no number in any column'],
    ['data.csv', 'a,a\n1,2\n', 2, 'has two columns named "a"'],
    ['data.ndjson', '{"a":1}\n{"a":"1"}\n', 2, 'a is not a number: "1"'],
    ['data.ndjson', '{"a":1}\n{"b":1}\n', 2, 'a is missing'],
    ['data.ndjson', '{"a":1}\n{"a":null}\n', 2, 'a is missing: null'],
    ['data.ndjson', '{"a":1}\n{"a":\n', 2, 'is not JSON: "{\\"a\\":"'],
    ['data.ndjson', '{"a":1}\n[1]\n', 2, 'is not an object'],
    ['data.ndjson', '[1,2]\n[1]\n', 2, 'is an array of 1, expected an array of 2 numbers'],
    ['data.ndjson', '"\\u001b[2Jx"\n', 1, 'is neither a number, an array nor an object'],
  ])('%s %j: line %i %s', async (name, content, line, why) => {
    const path = file(name, content);
    const { code, errors } = await ran(['--from', path]);
    expect({ code, errors }).toEqual({ code: 65, errors: [`evenkeel: ${path}:${line}: ${why}`] });
    const skipping = await ran(['--from', path, '--skip-invalid']);
    expect({ code: skipping.code, errors: skipping.errors }).toEqual({ code: 0, errors: [] });
    expect(skipping.told[0]).toMatch(/, 1 invalid$/);
  });

  test('--skip-invalid cannot go on after a quote that is never closed', async () => {
    const path = file('data.csv', `a,b\n1,2\n3,"4\n${'5,6\n'.repeat(300_000)}`);
    const { code, errors, lines } = await ran(['--from', path, '--skip-invalid']);
    expect({ code, errors }).toEqual({
      code: 65,
      errors: [expect.stringMatching(/is too long \(is a quote not closed\?\)$/)],
    });
    expect(lines).toMatchObject([{ rows: 1 }]);
  });

  test('a row whose time is none', async () => {
    const path = file('data.csv', 't,x\n2024-01-01,1\n2024-02-30,2\n,3\n2024-01-02,4\n');
    const options = ['--from', path, '--timestamp', 't'];
    const { code, errors } = await ran(options);
    expect({ code, errors }).toEqual({
      code: 65,
      errors: [`evenkeel: ${path}:3: t is not a time: "2024-02-30"`],
    });
    const skipping = await ran([...options, '--skip-invalid']);
    expect(skipping.lines).toMatchObject([{ rows: 2, mean: [2.5] }]);
    expect(skipping.told[0]).toMatch(/, 2 invalid$/);
  });

  test('--skip-invalid goes on with what is around it', async () => {
    const { code, lines, told } = await evenkeel(
      ['--from', '-', '--skip-invalid'],
      'a,b\n1,2\n,\n3\n5,6\nx,7\n',
    );
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ rows: 2, mean: [3, 4] }]);
    expect(told).toEqual([expect.stringMatching(/^evenkeel: 2 rows in 1 batch, .*, 3 invalid$/)]);
  });

  test('a column there is not, as something else separates the cells', async () => {
    const from = file('data.csv', 'a;b\n1;2\n');
    expect(await ran(['--from', from, '--features', 'b'])).toMatchObject({
      code: 64,
      errors: [
        'evenkeel: --features: there is no "b"; there is "a;b"; cells are separated by commas, not by ;',
      ],
    });
  });

  test('a column of numbers may have a name with a ; in it', async () => {
    const { code, lines, errors } = await ran(['--from', file('data.csv', 'a;b\n1\n3\n')]);
    expect([code, errors, lines[0]!.features, lines[0]!.mean]).toEqual([0, [], ['a;b'], [2]]);
  });

  test('a feature the header does not have', async () => {
    const { code, told } = await evenkeel(['--from', seattleWeather, '--features', 'wind,sun']);
    expect(code).toBe(64);
    expect(told).toEqual([
      'evenkeel: --features: there is no "sun"; there is "date", "precipitation", "temp_max", "temp_min", "wind", "weather"',
    ]);
  });
});

describe('what cannot be read or written', () => {
  const one = async (args: readonly string[]): Promise<{ code: number | null; error: string }> => {
    const { code, told } = await (args.includes('--state') ? ran(args) : evenkeel(args));
    expect(told).toHaveLength(1);
    return { code, error: told[0]! };
  };

  test('bad arguments: 64', async () => {
    expect(await one(['--sise', '3'])).toEqual({
      code: 64,
      error: "evenkeel: unknown option '--sise' (Did you mean --size?)",
    });
  });

  test('no such file, and a folder: 66', async () => {
    const path = join(folder(), 'none.csv');
    expect(await one(['--from', path])).toEqual({
      code: 66,
      error: `evenkeel: ${path}: no such file or directory`,
    });
    expect(await one(['--from', join(path, '..')])).toMatchObject({
      code: 66,
      error: expect.stringContaining('is a directory'),
    });
  });

  test('a folder as standard input: 66', () => {
    expect(shell(`"$@" < /`, '--from', '-')).toEqual([66, 'evenkeel: standard input: is a directory\n']);
  });

  test('a state that could not be saved: 74, before anything is read', async () => {
    const path = join(folder(), 'none', 'state.json');
    expect(await one(['--from', seattleWeather, '--state', path])).toEqual({
      code: 74,
      error: `evenkeel: ${path}: the state cannot be written: no such file or directory`,
    });
  });

  test('--eval without a saved state: 78', async () => {
    const path = join(folder(), 'state.json');
    expect(await one(['--from', seattleWeather, '--state', path, '--eval'])).toMatchObject({ code: 78 });
    expect(existsSync(path)).toBe(false);
  });

  test('a state that is torn, or of something else, is refused and left as it is: 78', async () => {
    const good = join(folder(), 'good.json');
    await ran(['--from', seattleWeather, '--state', good, '--batches', '2']);
    const whole = readFileSync(good, 'utf8');
    const { state, features } = savedState(good);
    const old = { kind: 'evenkeel', version: 1, features, normalizer: state }; // as it was before it had a checksum
    const bad: [string, RegExp][] = [
      ['', /not JSON, or cut short/],
      ['null', /not a saved state/],
      [whole.slice(0, -20), /is damaged: .*length/],
      [whole.replace('"batches":2', '"batches":3'), /is damaged: .*SHA-256/],
      [whole.replace('checkpoint 1', 'checkpoint 2'), /is damaged: .*version/],
      [JSON.stringify(old).slice(0, -20), /not JSON, or cut short/],
      [JSON.stringify({ ...old, kind: 'other' }), /not a saved state/],
      [JSON.stringify({ ...old, version: 2 }), /is of version 2/],
      [JSON.stringify({ ...old, features: ['wind'] }), /not as many features as statistics/],
      [JSON.stringify({ ...old, features: ['a', 'b', 'c', 'a'] }), /names a feature twice/],
      [JSON.stringify({ ...old, normalizer: { ...state, batches: -1 } }), /BatchNorm\.batches/],
    ];
    for (const [content, why] of bad) {
      const path = file('state.json', content);
      expect(await one(['--from', seattleWeather, '--state', path])).toEqual({
        code: 78,
        error: expect.stringMatching(why),
      });
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
  });

  test('a state of other features or options is refused and left as it is: 78', async () => {
    const path = join(folder(), 'state.json');
    await ran(['--from', seattleWeather, '--state', path, '--eps', '0.001']);
    const before = readFileSync(path);
    const refused: [string[], RegExp][] = [
      [['--features', 'wind'], /learned from the features precipitation,temp_max,temp_min,wind, not wind$/],
      [
        ['--features', 'temp_max,precipitation,temp_min,wind'],
        /learned from the features precipitation,temp_max,temp_min,wind, not temp_max,precipitation,temp_min,wind$/,
      ],
      [['--eps', '1e-5'], /learned with --eps 0\.001, not 0\.00001$/],
      [['--running', 'momentum=0.1'], /learned with --running pooled, not momentum=0\.1$/],
    ];
    for (const [options, why] of refused) {
      expect(await one(['--from', seattleWeather, '--state', path, ...options])).toEqual({
        code: 78,
        error: expect.stringMatching(why),
      });
      expect(readFileSync(path)).toEqual(before);
    }
    const agreed = await ran([
      '--from',
      seattleWeather,
      '--state',
      path,
      '--eps',
      '0.001',
      '--running',
      'pooled',
    ]);
    expect(agreed.code).toBe(0);
  });

  test('help that nobody reads, or that cannot be written', () => {
    expect(shell(`{ "$@"; echo "code $?" >&2; } | true`, '--help')).toEqual([0, 'code 0\n']);
    if (existsSync('/dev/full'))
      expect(shell(`"$@" > /dev/full`, '--help')).toEqual([74, 'evenkeel: standard output: no space left\n']);
  });

  test.skipIf(!existsSync('/dev/full'))('standard output that is full, be it at the last line: 74', () => {
    for (const path of [seattleWeather, file('few.csv', 'a\n1\n2\n')]) {
      const [code, told] = shell(`"$@" > /dev/full`, '--from', path);
      expect(code).toBe(74);
      expect(told).toMatch(/^evenkeel: standard output: no space left\nevenkeel: .*\n$/);
    }
  });
});

test('a reader that has had enough ends the run, with all learned saved', async () => {
  const state = join(folder(), 'state.json');
  const path = file('big.csv', `a\n${'1\n2\n'.repeat(500_000)}`);
  const { child, result } = start(['--from', path, '--state', state], { read: false });
  await once(child.stdout, 'readable');
  child.stdout.destroy();
  const { code, told } = await result;
  expect(code).toBe(0);
  expect(told).toEqual([
    expect.stringMatching(/^evenkeel: [\d,]+ rows in [\d,]+ batches, .*; state saved to /),
  ]);
  const rows = Number(/evenkeel: ([\d,]+) rows/.exec(told[0]!)![1]!.replaceAll(',', ''));
  expect(rows).toBeLessThan(1_000_000);
  expect(savedMoments(state).count[0]).toBe(rows);
});

test('a state that cannot be written at the end: 74', async () => {
  const state = join(folder(), 'state.json');
  const { child, result } = start(['--from', '-', '--size', '1', '--state', state], { read: false });
  child.stdin.write('1\n');
  await once(child.stdout, 'readable'); // and less than a second later, when it would be saved anyhow:
  rmSync(dirname(state), { recursive: true });
  child.stdin.end();
  const { code, told } = await result;
  expect(code).toBe(74);
  expect(told).toEqual([
    `evenkeel: ${state}: the state cannot be written: no such file or directory`,
    expect.stringMatching(/^evenkeel: 1 row in 1 batch, .*, 0 invalid$/),
  ]);
});

// Ctrl-C, a service that is stopped, a terminal that is closed
test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s closes the open minibatch, saves and sums up',
  async (signal) => {
    const state = join(folder(), 'state.json');
    const { child, result } = start(
      ['--from', '-', '--size', '2', '--max-wait', '1000000', '--state', state],
      {
        read: false,
      },
    );
    child.stdin.write('1\n3\n8\n');
    const lines = createInterface(child.stdout);
    const [first] = (await once(lines, 'line')) as [string];
    expect(JSON.parse(first)).toMatchObject({ rows: 2, mean: [2] });
    const second = once(lines, 'line') as Promise<[string]>;
    child.kill(signal);
    expect(JSON.parse((await second)[0])).toMatchObject({ batch: 2, rows: 1, runningMean: [4] });
    const { code, told } = await result;
    expect(code).toBe(0);
    expect(told).toEqual([
      expect.stringMatching(
        /^evenkeel: 3 rows in 2 batches, \d+\.\d s, .* rows\/s, 0 dropped, 0 invalid; state saved to .*state\.json$/,
      ),
    ]);
    expect(savedMoments(state).count[0]).toBe(3);
  },
);

test('a second Ctrl-C exits at once, whatever is still to be done', async () => {
  const path = file('big.csv', `a\n${'1\n2\n'.repeat(500_000)}`);
  const { child, result } = start(['--from', path], { read: false });
  await once(child.stdout, 'readable'); // and nobody reads on
  const again = setInterval(() => child.kill('SIGINT'), 50);
  const { code } = await result;
  clearInterval(again);
  expect(code).toBe(130);
});

test('a reader that only pauses loses nothing', async () => {
  const path = file('data.csv', `a\n${'1\n2\n'.repeat(100_000)}`);
  const { child, result } = start(['--from', path], { read: false });
  await once(child.stdout, 'readable');
  let rows = 0;
  for await (const line of createInterface(child.stdout)) rows += JSON.parse(line).rows;
  expect(rows).toBe(200_000);
  expect((await result).code).toBe(0);
});

test('what nobody has read a second after Ctrl-C is told as dropped', async () => {
  const interrupt = new AbortController();
  const stdout = new Writable({ write: () => interrupt.abort() }) as unknown as Output; // and never is done
  const { code, told } = await ran(['--from', seattleWeather], { stdout, interrupted: interrupt.signal });
  expect({ code, told }).toEqual({ code: 0, told: [expect.stringMatching(/, 1 dropped, 0 invalid$/)] });
});

test('a file source may be subscribed to and left at once', async () => {
  const source = await fileSource(seattleWeather, { ready: () => undefined, rows: 32 });
  expect(source.live).toBe(false);
  expect(await firstValueFrom(source.samples$)).toMatchObject({ place: 2 });
});

const mkfifo = 'mkfifo';

describe.skipIf(spawnSync(mkfifo, ['--version']).error)('a named pipe', () => {
  function pipe(name: string): string {
    const path = join(folder(), name);
    expect(spawnSync(mkfifo, [path]).status).toBe(0);
    return path;
  }

  test('that nothing comes through any more does not keep it', async () => {
    const path = pipe('data.ndjson');
    const held = await open(path, 'r+'); // the end of the writer, which stays open
    onTestFinished(() => held.close());
    await held.write('1\n3\n');
    const { child, result } = start(['--from', path, '--size', '2'], { read: false });
    await once(child.stdout, 'readable');
    child.stdout.resume();
    child.kill('SIGINT');
    const { code, told } = await result;
    expect({ code, told }).toEqual({
      code: 0,
      told: [expect.stringMatching(/^evenkeel: 2 rows in 1 batch, /)],
    });
  });

  test('that has no writer yet is waited for, and does not keep it', async () => {
    const path = pipe('data.ndjson');
    const { child, result } = start(['--from', path, '--to', '-'], { read: false });
    const writer = await open(path, 'w'); // waits for the reader
    const left = start(['--from', pipe('data.csv'), '--to', 'ws://127.0.0.1:0/']);
    await left.seen(/serving at/);
    left.child.kill('SIGINT');
    expect((await left.result).told.at(-1)).toMatch(/^evenkeel: 0 rows in 0 batches, /);
    await writer.write('1\n3\n');
    await writer.close();
    const line = once(createInterface(child.stdout), 'line');
    expect(JSON.parse((await line)[0])).toMatchObject({ rows: 2, mean: [2] });
    expect((await result).code).toBe(0);
  });

  test('is no state: 78', async () => {
    const path = pipe('state.json');
    const { code, told } = await ran(['--from', seattleWeather, '--state', path]);
    expect({ code, told }).toEqual({ code: 78, told: [`evenkeel: ${path}: is not a regular file`] });
  });
});

test.each([
  ['a,b\n1,2\n3,4\n5,6\n', '7000000'],
  ['1\n3\n5\n', '12'],
])('Ctrl-C that ends the writer too, in the middle of a line: %j, %j', async (whole, torn) => {
  const { child, result } = start(['--from', '-', '--size', '2', '--max-wait', '1000000'], { read: false });
  child.stdin.write(whole);
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  const second = once(lines, 'line') as Promise<[string]>;
  // Stopped, it finds the end of its input and the signal at the same time.
  child.kill('SIGSTOP');
  await new Promise<void>((resolve) => child.stdin.end(torn, resolve));
  child.kill('SIGINT');
  child.kill('SIGCONT');
  expect(JSON.parse((await second)[0])).toMatchObject({ rows: 1 });
  const { code, told } = await result;
  expect({ code, told }).toEqual({
    code: 0,
    told: [expect.stringMatching(/^evenkeel: 3 rows in 2 batches, /)],
  });
});

describe('JSON lines', () => {
  /** Output that is read only when the test says so. */
  function stalled(): { out: Writable; read: () => void } {
    let read = (): void => {};
    const out = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        read = done;
      },
    });
    return { out, read: () => read() };
  }
  const step = {
    number: 1,
    late: 0,
    normalized: { ...tensor([0], [1, 1]), samples: [{ place: 1, read: [0], values: [0] }] },
    normalizer: new BatchNorm(1),
    learned: { features: ['a'], normalizer: new BatchNorm(1) },
  };

  test('that nobody reads, from what cannot wait: a bound is kept, and the rest is dropped and counted', async () => {
    const { out, read } = stalled();
    const lines = new JsonLines(out, new AbortController().signal);
    const mebibyte = { ...step, learned: { ...step.learned, features: ['a'.repeat(2 ** 20)] } };
    for (let i = 0; i < 20; i++) lines.step(mebibyte);
    expect(lines.dropped()).toBe(4);
    expect(out.writableLength).toBeLessThan(MOST_WAITING + 2 ** 20);
    for (let i = 0; i < 16; i++) {
      read();
      await new Promise(setImmediate); // by when the next is being written
    }
    expect(out.writableLength).toBe(0);
    lines.step(step);
    read();
    await lines.close();
    expect(lines.dropped()).toBe(4);
  });

  test('wait at the end for as long as it takes to read them', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { out, read } = stalled();
    const lines = new JsonLines(out, new AbortController().signal);
    lines.step(step);
    expect(lines.ready()).toBeInstanceOf(Promise);
    let closed = false;
    const closing = lines.close().then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(closed).toBe(false);
    read();
    await closing;
    expect(lines.ready()).toBeUndefined();
  });

  test('wait at the end a second once interrupted, before or while they wait', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    for (const before of [true, false]) {
      const interrupt = new AbortController();
      const lines = new JsonLines(stalled().out, interrupt.signal);
      lines.step(step);
      if (before) interrupt.abort();
      const closing = lines.close();
      interrupt.abort();
      await vi.advanceTimersByTimeAsync(1000);
      await closing;
      expect(lines.dropped()).toBe(1);
    }
  });
});
