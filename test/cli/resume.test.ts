/** A run of a file that was interrupted, and is started again. */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { FileStore } from '../../src/adapters/file/index.js';
import {
  file,
  folder,
  type Line,
  type Result,
  ran,
  savedState,
  seattleWeather,
  start,
  zipCodes,
} from './command.js';

const state = (): string => join(folder(), 'state.json');
const goingOn = (from: string, line: number): string => `evenkeel: ${from}: going on after line ${line}`;
const givenUp = (path: string, file: string, line: number, why: string): string =>
  `evenkeel: ${path}: was interrupted in ${file} after line ${line}; that is given up with the first save, as ${why}`;
const rows = ({ lines }: Pick<Result, 'lines'>): unknown[] =>
  lines.map(({ key, normalized, drift }: Line) => ({ key, normalized, drift }));

/** What a run counts beside its rows. */
const counts = ({ told }: Result): number[] =>
  Array.from(told.at(-1)!.matchAll(/(\d+) (?:invalid|late|missing|quarantined)/g), ([, count]) =>
    Number(count),
  );
const sums = (runs: readonly Result[]): number[] =>
  counts(runs[0]!).map((_count, i) => runs.reduce((sum, run) => sum + counts(run)[i]!, 0));

/** Interrupted after so many minibatches each, and then not. */
async function inParts(options: readonly string[], ends: readonly number[]): Promise<Result[]> {
  const runs: Result[] = [];
  for (const end of ends) runs.push(await ran([...options, '--batches', `${end}`]));
  return [...runs, await ran(options)];
}

describe('interrupted and started again', () => {
  test.each([
    ['', []],
    ['in the order of its times', ['--timestamp', 'date', '--lateness', '2d', '--window', '30d']],
    ['a key at a time', ['--key', 'weather', '--size', '5']],
    ['a key at a time, of the latest keys', ['--key', 'weather', '--max-keys', '2', '--size', '5']],
    ['with what is put aside', ['--limits', 'wind=0..6', '--on-missing', 'mean']],
    ['with what the latest rows are compared with', ['--drift', '50']],
  ])(
    'it goes on behind the last minibatch saved, and ends with the same, bit for bit: %s',
    async (_, more) => {
      const [whole, parts] = [state(), state()];
      const options = ['--from', seattleWeather, ...more];
      const once = await ran([...options, '--state', whole]);
      const several = await inParts([...options, '--state', parts], [3, 1, 20]);
      expect([once, ...several].map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
      expect(several.slice(1).every(({ told }) => /going on after line \d+$/.test(told[0]!))).toBe(true);
      expect(several.flatMap(rows)).toEqual(rows(once));
      expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
      const drifts = (runs: readonly Result[]): string[] =>
        runs.flatMap(({ told }) => told.filter((line) => line.includes(' drifts')));
      expect(drifts(several)).toEqual(drifts([once]));
      expect(drifts(several).length > 0).toBe(more.includes('--drift'));
      expect(sums(several)).toEqual(counts(once));
    },
  );

  test('--drift of another number of rows, or in another file, starts anew', async () => {
    const path = state();
    const options = ['--from', seattleWeather, '--state', path, '--batches', '3'];
    const shifts = ({ lines }: Result): unknown[] => lines.map(({ drift }) => drift!.shift[0]);
    await ran([...options, '--drift', '40']);
    copyFileSync(path, `${path}.copy`);
    const other = await ran([...options, '--drift', '60']);
    copyFileSync(`${path}.copy`, path);
    const same = await ran([...options, '--drift', '40']);
    copyFileSync(`${path}.copy`, path);
    const elsewhere = file('copy.csv', readFileSync(seattleWeather, 'utf8'));
    const anew = await ran(['--from', elsewhere, ...options.slice(2), '--drift', '40']);
    expect(savedState(`${path}.copy`).position).toHaveProperty('drift');
    expect(shifts(same)).not.toEqual(shifts(other));
    expect(shifts(anew)).not.toEqual(shifts(same));
    expect([other, same, anew].map(({ code, lines }) => [code, lines.length])).toEqual(Array(3).fill([0, 3]));
  });

  test('a comparison that is damaged is refused', async () => {
    const path = state();
    const options = ['--from', seattleWeather, '--state', path, '--batches', '3', '--drift', '40'];
    await ran(options);
    const text = readFileSync(path, 'utf8');
    const json = JSON.parse(text.slice(text.indexOf('{')));
    json.position.drift.rows = -1;
    await new FileStore(path).write(JSON.stringify(json));
    const { code, errors } = await ran(options);
    expect([code, errors]).toEqual([78, [expect.stringContaining('DriftMonitor.rows')]]);
  });

  test('what was held to be put in order is read again, whatever has ended the run', async () => {
    const row = (t: number): string => JSON.stringify({ t, x: t });
    const lines = [0, 10, 20, 30].map(row).concat('{oops', ...[25, 40, 50].map(row));
    const path = file('late.ndjson', lines.join('\n'));
    const options = ['--from', path, '--timestamp', 't', '--lateness', '10', '--size', '1'];
    const [whole, parts] = [state(), state()];
    const once = await ran([...options, '--state', whole, '--skip-invalid']);
    const ended = await ran([...options, '--state', parts]);
    const on = await ran([...options, '--state', parts, '--skip-invalid']);
    expect([once, ended, on].map(({ code }) => code)).toEqual([0, 65, 0]);
    expect([ended, on].flatMap(rows)).toEqual(rows(once));
    expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

  test('what was held when the file had ended is not forgotten', async () => {
    const lines = [0, 10, 20, 30].map((t) => JSON.stringify({ t, x: t }));
    const path = file('held.ndjson', lines.join('\n'));
    const options = ['--from', path, '--timestamp', 't', '--lateness', '1s', '--size', '1'];
    const [whole, parts] = [state(), state()];
    const once = await ran([...options, '--state', whole]);
    const several = await inParts([...options, '--state', parts], [2]);
    expect(several.flatMap(rows)).toEqual(rows(once));
    expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

  test('a row that was not judged before is judged then, wherever it was read', async () => {
    const lines = ['{"t":100,"x":"bad"}', ...[0, 10, 300, 600].map((t) => JSON.stringify({ t, x: t }))];
    const path = file('bad.ndjson', lines.join('\n'));
    const options = ['--from', path, '--timestamp', 't', '--lateness', '150', '--features', 'x'];
    const [first, second] = await inParts([...options, '--size', '1', '--state', state()], [1]);
    expect([first!.code, second!.code]).toEqual([0, 65]);
    expect(second!.errors).toContain(`evenkeel: ${path}:1: x is not a number: "bad"`);
  });

  const cells = ['t,u', ',', '1,1', '2,4', '3,9', '4,16', '5,25', '6,36'].join('\n');
  const json = (values: readonly unknown[]): string => values.map((t) => JSON.stringify({ t })).join('\n');
  const keep = ['--on-missing', 'keep'];
  test.each<[string, string, string, string[], { before?: string; first?: string[]; later?: string[] }]>([
    ['the first row with a number', 'a.csv', cells, keep, {}],
    ['the first row with a number, in JSON', 'a.ndjson', json([null, 1, 2, 3, 4, 5]), keep, {}],
    ['the first row, where numbers in quotes are none', 'a.ndjson', json([1, '50', 2, 3, 4, 5, 6]), [], {}],
    ['what a file before was learned from', 'a.csv', cells, keep, { before: 't,u\n8,9\n' }],
    ['their names', 'a.csv', cells, keep, { first: ['--features', 't,u'] }],
    ['the first row, be they named then', 'a.csv', cells, keep, { later: ['--features', 't,u'] }],
  ])(
    'the features are decided as they were, by %s',
    async (_, name, text, more, { before, first, later }) => {
      const [whole, parts] = [state(), state()];
      const options = ['--from', file(name, text), '--size', '2', '--skip-invalid', ...more];
      if (before !== undefined)
        for (const path of [whole, parts]) await ran(['--from', file('before.csv', before), '--state', path]);
      const once = await ran([...options, ...(first ?? []), '--state', whole]);
      const interrupted = await ran([...options, ...(first ?? []), '--state', parts, '--batches', '2']);
      const on = await ran([...options, ...(later ?? []), '--state', parts]);
      expect(on.told[0]).toMatch(/going on after line/);
      expect([interrupted, on].flatMap(rows)).toEqual(rows(once));
      expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
      expect(sums([interrupted, on])).toEqual(counts(once));
    },
  );

  test('other features than those of the state are refused: 78', async () => {
    const path = state();
    const options = ['--from', file('a.csv', cells), '--size', '2', '--skip-invalid', '--state', path];
    await ran([...options, '--batches', '1']);
    const { code, errors } = await ran([...options, '--features', 'u,t']);
    expect([code, errors]).toEqual([78, [expect.stringContaining('the features t,u, not u,t')]]);
  });

  test('what is open of several keys at the end is not lost where the minibatches wanted end there', async () => {
    const [whole, parts] = [state(), state()];
    const options = ['--from', file('keys.csv', 'k,t\na,1\nb,2\nc,3\n'), '--size', '2', '--key', 'k'];
    const once = await ran([...options, '--state', whole]);
    const several: Result[] = [];
    for (let run = 0; run < 3; run++) {
      several.push(await ran([...options, '--state', parts, '--batches', '1']));
      expect(savedState(parts).position === null).toBe(run === 2);
    }
    expect(several.flatMap(rows)).toEqual(rows(once));
    expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

  test.each([
    ['late', '0,1\n10000,2\n1,99\n10001,3\n13000,4\n2,98\n16000,5\n19000,6\n', [0, 2]],
    ['no row', '0,1\n10000,2\nx,99\n13000,4\n16000,5\n19000,6\n', [1, 0]],
  ])('what was read ahead of the last row learned is told once: what is %s', async (_, text, counted) => {
    const options = ['--from', file('ahead.csv', `at,t\n${text}`), '--timestamp', 'at', '--lateness', '2s'];
    const more = ['--size', '1', '--skip-invalid'];
    const once = await ran([...options, ...more, '--state', state()]);
    const several = await inParts([...options, ...more, '--state', state()], [1, 1, 1, 1]);
    expect(counts(once)).toEqual(counted);
    expect(sums(several)).toEqual(counted);
  });

  test('what was judged behind the last row learned is told once, but for what ended the run', async () => {
    const options = [
      '--from',
      file('gaps.csv', 't,u\n1,1\n2,\n3,x\n4,4\n'),
      '--on-missing',
      'skip',
      '--size',
      '1',
    ];
    const path = ['--state', state()];
    const ended = await ran([...options, ...path]);
    const on = await ran([...options, ...path, '--skip-invalid']);
    expect([ended, on].map(({ code }) => code)).toEqual([65, 0]);
    expect([ended, on].map(counts)).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  test.each([
    ['the default of --max-keys', ['--key', 'k', '--on-missing', 'mean'], ['--max-keys', '1000']],
    ['--max-keys that has nothing to fill in', ['--key', 'k', '--on-missing', 'skip'], ['--max-keys', '500']],
    ['the default of --on-missing', ['--key', 'k'], ['--on-missing', 'error']],
    ['the default beside another', ['--on-missing', 't=keep'], ['--on-missing', 'error,t=keep']],
  ])('it goes on with %s, as that changes nothing', async (_, more, later) => {
    const options = ['--from', file('same.csv', 'k,t\na,1\na,2\na,3\na,4\n'), '--size', '1'];
    const path = ['--features', 't', '--state', state()];
    await ran([...options, ...path, ...more, '--batches', '2']);
    const changed = more.includes(later[0]!) ? later : [...more, ...later];
    const { code, lines, told } = await ran([...options, ...path, ...changed]);
    expect([code, lines.length, told[0]]).toEqual([0, 2, goingOn(options[1]!, 3)]);
  });

  test.each([
    ['mean', '1'],
    ['t=last', '1'],
  ])('but not with another --max-keys where %s fills in', async (policy, most) => {
    const options = ['--from', file('keys.csv', 'k,t\na,1\na,2\na,3\n'), '--size', '1', '--key', 'k'];
    const more = ['--on-missing', policy, '--state', state()];
    await ran([...options, ...more, '--batches', '1']);
    expect((await ran([...options, ...more, '--max-keys', most])).code).toBe(78);
  });

  test('it tells from where', async () => {
    const path = state();
    const [, second] = await inParts(['--from', seattleWeather, '--state', path], [3]);
    expect(second!.told).toEqual([
      goingOn(seattleWeather, 97),
      expect.stringMatching(/^evenkeel: 1,365 rows in 43 batches, /),
    ]);
    expect(savedState(path).position).toBeNull();
  });

  test('after the end of the file it starts at the beginning', async () => {
    const path = state();
    const options = ['--from', seattleWeather, '--state', path];
    await ran(options);
    const { told } = await ran(options);
    expect(told).toEqual([expect.stringMatching(/^evenkeel: 1,461 rows in 46 batches, /)]);
    expect(savedState(path).state.batches).toBe(92);
  });

  test('with nothing left but the end, that is the end', async () => {
    const path = state();
    const options = ['--from', file('data.csv', 'a\n1\n2\n3\n4\n'), '--size', '2', '--state', path];
    const again = await inParts(options, [2]);
    expect(again[1]!.told.at(-1)).toMatch(/^evenkeel: 0 rows in 0 batches, .*; state saved to /);
    expect((await ran(options)).told.at(-1)).toMatch(/^evenkeel: 4 rows in 2 batches, /);
  });

  test('what was told of is not told again, and what ended it ends it again', async () => {
    const [path, from] = [state(), file('data.csv', 'a\n1\n2\nx\n3\n4\ny\n5\n6\n')];
    const options = ['--from', from, '--size', '2', '--state', path];
    const [first, second] = await inParts([...options, '--skip-invalid'], [2]);
    expect([first, second].map((run) => /, (\d) invalid/.exec(run!.told.at(-1)!)![1])).toEqual(['1', '1']);
    const strict = ['--from', from, '--size', '2', '--state', state()];
    for (const told of [
      [`${from}:4: a is not a number: "x"`],
      [goingOn(from, 3).slice(10), `${from}:4: a is not a number: "x"`],
    ]) {
      const { code, errors } = await ran(strict);
      expect({ code, errors }).toEqual({ code: 65, errors: told.map((line) => `evenkeel: ${line}`) });
    }
  });

  test('a file that has grown is the same one', async () => {
    const [path, from] = [state(), file('data.csv', 'a\n1\n3\n5\n')];
    const options = ['--from', from, '--size', '2', '--state', path];
    await ran([...options, '--batches', '1']);
    writeFileSync(from, 'a\n1\n3\n5\n7\n');
    const { lines, told } = await ran(options);
    expect(told[0]).toBe(goingOn(from, 3));
    expect(lines).toMatchObject([{ mean: [6] }]);
  });

  test.each([
    [
      'of another beginning',
      'its beginning was changed',
      (from: string) => writeFileSync(from, 'a\n2\n3\n5\n7\n'),
    ],
    ['that is shorter', 'that file is shorter now', (from: string) => writeFileSync(from, 'a\n1\n3\n')],
    [
      'at another path',
      'this run reads ',
      (from: string) => {
        copyFileSync(from, `${from}.copy`);
        renameSync(`${from}.copy`, from.replace('data', 'other'));
      },
    ],
  ])('a file %s is another one: it starts at its beginning, and that is told', async (what, why, change) => {
    const [path, from] = [state(), file('data.csv', 'a\n1\n3\n5\n7\n')];
    const options = ['--size', '2', '--state', path];
    await ran(['--from', from, ...options, '--batches', '1']);
    change(from);
    const now = what === 'at another path' ? from.replace('data', 'other') : from;
    const { told, lines } = await ran(['--from', now, ...options]);
    const reason = why.endsWith(' ') ? `${why}${now}` : why;
    expect(told).toEqual([givenUp(path, from, 3, reason), expect.stringMatching(/ rows in /)]);
    expect(lines[0]!.rows).toBe(2);
    expect(savedState(path).state.batches).toBe(1 + lines.length);
  });

  test('a file cut before where it was, behind its first 64 KiB, is another one too', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    const written = (count: number): string => `a\n${lines.slice(0, count).join('\n')}\n`;
    const [path, from] = [state(), file('data.csv', written(20_000))];
    const options = ['--from', from, '--size', '1000', '--state', path];
    await ran([...options, '--batches', '19']);
    expect(written(15_000).length).toBeGreaterThan(2 ** 16);
    writeFileSync(from, written(15_000));
    const { code, told, lines: batches } = await ran(options);
    expect(code).toBe(0);
    expect(told).toEqual([
      givenUp(path, from, 19_001, 'that file is shorter now'),
      expect.stringMatching(/^evenkeel: 15,000 rows in 15 batches, /),
    ]);
    expect(batches).toHaveLength(15);
    expect(savedState(path).state.batches).toBe(34);
  });

  test('it is refused where its rows would be others: 78', async () => {
    const [path, from] = [state(), file('data.csv', 't,a\n0,1\n1,3\n2,5\n')];
    const options = ['--from', from, '--size', '2', '--features', 'a', '--state', path];
    await ran([...options, '--batches', '1', '--timestamp', 't:s']);
    const before = readFileSync(path);
    const refusal = async (...more: string[]): Promise<unknown> => {
      const { code, told } = await ran([...options, ...more]);
      expect(readFileSync(path)).toEqual(before);
      return [code, told];
    };
    const told = (difference: string): unknown => [
      78,
      [
        `evenkeel: ${path}: was interrupted in ${from} after line 3 ${difference}; ` +
          'go on with the same, or start over with another --state',
      ],
    ];
    const was = 'with --timestamp t:s';
    expect(await refusal('--limits', 'a=0..4', '--timestamp', 't:s')).toEqual(
      told('without --limits, not with --limits a=0..4'),
    );
    expect(await refusal('--timestamp', 't')).toEqual(told(`${was}, not t`));
    expect(await refusal('--on-missing', 'skip')).toEqual(
      told(`${was}, not without --timestamp, and without --on-missing, not with --on-missing skip`),
    );
    // And as it says, another state starts over.
    const { lines } = await ran([...options, '--limits', 'a=0..4', '--state', state()]);
    expect(lines).toMatchObject([{ mean: [2] }]);
  });

  test('options that say the same in other words are the same', async () => {
    const [path, from] = [state(), file('data.csv', 't,a,b\n0,1,1\n1,3,1\n2,5,1\n9,7,1\n')];
    const options = (lateness: string, missing: string, limits: string, ...more: string[]): string[] => [
      ...['--from', from, '--size', '1', '--state', path, '--timestamp', 't', '--lateness', lateness],
      ...['--on-missing', missing, '--limits', limits, '--features', 'a,b', '--key', 'b', ...more],
    ];
    await ran([...options('1000', 'b=last:60s,a=mean', 'b=..9,a=0..'), '--batches', '1']);
    const { code, told } = await ran(
      options('1s', 'a=mean,b=last:1m', 'a=0.0..,b=..9', '--max-keys', '1000'),
    );
    expect([code, told[0]]).toEqual([0, goingOn(from, 2)]);
  });

  test('a file that is not there gives nothing up', async () => {
    const path = state();
    await ran(['--from', seattleWeather, '--state', path, '--batches', '3']);
    const from = join(folder(), 'none.csv');
    const { code, told } = await ran(['--from', from, '--state', path]);
    expect([code, told]).toEqual([66, [`evenkeel: ${from}: no such file or directory`]]);
    expect((await ran(['--from', seattleWeather, '--state', path])).told[0]).toBe(
      goingOn(seattleWeather, 97),
    );
  });

  test('--eval and standard input start at the beginning', async () => {
    const path = state();
    await ran(['--from', seattleWeather, '--state', path, '--batches', '3']);
    const evaluated = await ran(['--from', seattleWeather, '--state', path, '--eval']);
    expect(evaluated.told).toEqual([expect.stringMatching(/^evenkeel: 1,461 rows in 46 batches, /)]);
    const { child, result } = start(['--from', '-', '--state', path]);
    child.stdin.end(readFileSync(seattleWeather));
    expect((await result).told).toEqual([
      givenUp(path, seattleWeather, 97, 'this run reads standard input'),
      expect.stringMatching(/^evenkeel: 1,461 rows in 46 batches, /),
    ]);
  });
});

describe('killed at any time (SIGKILL)', () => {
  test.each([
    ['all rows', []],
    ['each key', ['--key', 'state', '--size', '8']],
  ])(
    'and started again until it is done, it ends with the same statistics, bit for bit: %s',
    async (_, more) => {
      const [whole, parts] = [state(), state()];
      // A row each half millisecond, so that there is time to save it once a second.
      const [, ...places] = readFileSync(zipCodes, 'utf8').split('\n', 6001);
      const timed = [
        't,zip,latitude,longitude,city,state,county',
        ...places.map((line, i) => `${i},${line}`),
      ];
      const from = ['--from', file('places.csv', timed.join('\n')), '--features', 'latitude,longitude'];
      const options = [...from, '--timestamp', 't', '--speed', '2', '--max-wait', '1000000', ...more];
      await ran([...options, '--speed', '0', '--state', whole]);
      let resumed = 0;
      for (let kills = 0; ; ) {
        const { child, result } = start([...options, '--state', parts]);
        child.stdin.end();
        if (kills < 2) {
          // Once it has saved something new, and then at whatever it does.
          const before = existsSync(parts) ? readFileSync(parts) : undefined;
          await expect
            .poll(
              () => child.exitCode !== null || (existsSync(parts) && !before?.equals(readFileSync(parts))),
              {
                timeout: 30_000,
                interval: 5,
              },
            )
            .toBe(true);
          await delay(40 * kills);
          child.kill('SIGKILL');
          kills++;
        }
        const { code, stderr } = await result;
        if (/going on after line/.test(stderr)) resumed++;
        // Killed after its last save, it was done.
        if (code === 0 || (existsSync(parts) && savedState(parts).position === null)) break;
      }
      expect(resumed).toBeGreaterThan(0);
      expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'));
    },
  );
});
