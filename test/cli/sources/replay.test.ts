/** Recordings at the pace of their timestamps, in virtual time. */
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { fileSource } from '../../../src/cli/sources/file.js';
import { Replay, type ReplayOptions } from '../../../src/cli/sources/replay.js';
import { file, ran, start } from '../command.js';

const timestamp = { name: 't', unit: 1 };

/** When each row of the times came, as the scheduler tells it. */
async function replayed(
  times: readonly (number | string)[],
  more: Partial<ReplayOptions> = {},
): Promise<(readonly [unknown, number])[]> {
  const scheduler = new VirtualTimeScheduler();
  scheduler.maxFrames = Number.POSITIVE_INFINITY;
  const path = file('data.csv', `t,x\n${times.map((time) => `${time},1\n`).join('')}`);
  const replay = new Replay({ timestamp, speed: 1, scheduler, ...more });
  const source = await fileSource(path, { ready: () => undefined, rows: 1, replay });
  const seen: (readonly [unknown, number])[] = [];
  let done = false;
  source.samples$.subscribe({
    next: ({ value }) => seen.push([(value as string[])[0], scheduler.now()]),
    complete: () => {
      done = true;
    },
  });
  await vi.waitUntil(
    () => {
      scheduler.flush();
      return done;
    },
    { interval: 0 },
  );
  return seen;
}

describe('each row is due', () => {
  test('as long after the first as it happened after it', async () => {
    expect(await replayed([5000, 5100, 5100, 7000])).toEqual([
      ['5000', 0],
      ['5100', 100],
      ['5100', 100],
      ['7000', 2000],
    ]);
  });

  test('so many times as fast', async () => {
    const at = async (speed: number): Promise<number[]> =>
      (await replayed([0, 100, 300], { speed })).map(([, when]) => when);
    expect(await at(2)).toEqual([0, 50, 150]);
    expect(await at(0.5)).toEqual([0, 200, 600]);
  });

  test('at once where it is further ahead of now than may be, be it the first', async () => {
    const maxAhead = 1000;
    expect(await replayed([9e9, 500, 600, 5e9, 700], { maxAhead })).toEqual([
      ['9000000000', 0],
      ['500', 0],
      ['600', 100],
      ['5000000000', 100],
      ['700', 200],
    ]);
  });

  test('at once where it lies before one that has come, or has no time', async () => {
    expect(await replayed([1000, 1200, 1100, 'x', '', 1300])).toEqual([
      ['1000', 0],
      ['1200', 200],
      ['1100', 200],
      ['x', 200],
      ['', 200],
      ['1300', 300],
    ]);
  });

  test('however long it takes: a timer alone counts in 31 bits', async () => {
    const years = 3 * 365 * 86_400_000;
    expect(await replayed([0, years])).toEqual([
      ['0', 0],
      [String(years), years],
    ]);
  });

  test('from the place on that was not replayed before', async () => {
    expect(await replayed([0, 100, 200, 300], { after: 3 })).toEqual([
      ['0', 0],
      ['100', 0],
      ['200', 0],
      ['300', 100],
    ]);
  });
});

test('who unsubscribes leaves no timer', async () => {
  const scheduler = new VirtualTimeScheduler();
  const path = file('data.csv', 't,x\n0,1\n1000,1\n');
  const replay = new Replay({ timestamp, speed: 1, scheduler });
  const source = await fileSource(path, { ready: () => undefined, rows: 1, replay });
  let rows = 0;
  const subscription = source.samples$.subscribe(() => rows++);
  await vi.waitUntil(() => scheduler.actions.length === 1, { interval: 0 });
  subscription.unsubscribe();
  scheduler.flush();
  expect([rows, scheduler.actions.length, scheduler.now()]).toEqual([1, 0, 0]);
});

describe('--speed', () => {
  const path = (): string => file('data.csv', 'time,x\n2024-01-01,1\n2024-01-02,2\n2024-01-12,3\n');

  test('0 is as fast as it can be read, in minibatches that wait for their rows', async () => {
    const { lines } = await ran(['--from', path(), '--timestamp', 'time', '--speed', '0']);
    expect(lines).toMatchObject([{ rows: 3, features: ['x'] }]);
  });

  test('is live: a minibatch leaves when it has waited', async () => {
    const options = ['--timestamp', 'time', '--speed', '864000', '--max-wait', '20'];
    const { lines } = await ran(['--from', path(), ...options]);
    expect(lines.map(({ rows, mean }) => [rows, mean[0]])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  test('Ctrl-C ends it at once, however long the next row is in coming', async () => {
    const { child, seen, result } = start(
      ['--from', path(), '--timestamp', 'time', '--speed', '1', '--size', '1'],
      {
        read: false,
      },
    );
    child.stdout.once('data', () => child.kill('SIGINT'));
    await seen(/1 row in 1 batch/);
    expect((await result).code).toBe(0);
  });

  test('a column that is not there: 64', async () => {
    const { code, told } = await ran(['--from', path(), '--timestamp', 'when', '--speed', '1']);
    expect({ code, told }).toEqual({
      code: 64,
      told: ['evenkeel: --timestamp: there is no "when"; there is "time", "x"'],
    });
  });
});
