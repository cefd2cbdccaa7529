/** The command on live sources and sinks, end to end: sensors, WebSockets and terminals. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { fromWebSocket } from 'evenkeel/ws';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { command, evenkeel, file, folder, savedState, seattleWeather, start } from './command.js';

/** A server that does as told with each client, the first being 1. */
async function served(connected: (socket: WebSocket, client: number) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  let client = 0;
  server.on('connection', (socket) => connected(socket, ++client));
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("this machine's sensors", () => {
  test('by default, over a WebSocket: finite numbers, the same features in every minibatch', async () => {
    const { code, lines, told } = await evenkeel(['--batches', '3', '--size', '4']);
    expect(code).toBe(0);
    expect(lines.map(({ batch, rows }) => [batch, rows])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
    ]);
    const { features } = lines[0]!;
    expect(features).toEqual(expect.arrayContaining(['memory_used_mib', 'loop_delay_ms']));
    expect(features.filter((name) => /^cpu\d+_percent$/.test(name))).toHaveLength(cpus().length);
    for (const line of lines) {
      expect(line.features).toEqual(features);
      const { mean, sd, runningMean, runningSd } = line;
      for (const values of [mean, sd, runningMean, runningSd, ...line.normalized]) {
        expect(values).toHaveLength(features.length);
        expect(values.every(Number.isFinite)).toBe(true);
      }
    }
    expect(told).toEqual([
      expect.stringMatching(/^evenkeel: 12 rows in 3 batches, .*, 0 dropped, 0 invalid$/),
    ]);
  });

  test('SIGTERM ends it in order', async () => {
    const state = join(folder(), 'state.json');
    const { child, result } = start(['--size', '2', '--state', state], { read: false });
    await once(child.stdout, 'readable');
    child.stdout.resume();
    child.kill('SIGTERM');
    const { code, told } = await result;
    expect(code).toBe(0);
    expect(told).toEqual([
      expect.stringMatching(/^evenkeel: \d+ rows in \d+ batch(es)?, .*; state saved to /),
    ]);
    expect(savedState(state)).toMatchObject({ kind: 'evenkeel checkpoint' });
  });

  test('the state is saved while it learns, about once a second', async () => {
    const state = join(folder(), 'state.json');
    const { child } = start(['--size', '2', '--state', state]);
    child.stdin.end();
    await expect.poll(() => existsSync(state), { timeout: 30_000 }).toBe(true);
    expect(savedState(state)).toMatchObject({ kind: 'evenkeel checkpoint', version: 1 });
    child.kill('SIGINT');
    await once(child, 'close');
  });
});

describe('from a WebSocket', () => {
  test('objects, arrays of samples and binary rows, until it closes normally', async () => {
    const objects = await served((socket) => {
      socket.send('{"t":1,"unit":"C"}');
      socket.send('[{"t":3},{"t":5}]');
      socket.close(1000);
    });
    const { code, lines } = await evenkeel(['--from', objects]);
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ features: ['t'], rows: 3, mean: [3] }]);
    const binary = await served((socket) => {
      socket.send(Buffer.from(Float32Array.of(1, 10).buffer));
      socket.send(Buffer.from(Float32Array.of(3, 30).buffer));
      socket.close(1000);
    });
    expect((await evenkeel(['--from', binary])).lines).toMatchObject([
      { features: ['f0', 'f1'], rows: 2, mean: [2, 20] },
    ]);
  });

  test('connects again where it was lost, and has learned from both', async () => {
    const url = await served((socket, client) => {
      socket.send(client === 1 ? '1' : '3', () => (client === 1 ? socket.terminate() : socket.close(1000)));
    });
    const { code, lines, errors } = await evenkeel(['--from', url, '--max-wait', '100000']);
    expect({ code, errors }).toEqual({
      code: 0,
      errors: [expect.stringMatching(/^evenkeel: ws:.*: closed with code 1006; connecting again$/)],
    });
    expect(lines).toMatchObject([{ rows: 2, mean: [2] }]);
  });

  test('--max-wait closes a minibatch that is not full', async () => {
    const url = await served((socket) => socket.send('[1,2]'));
    const { lines } = await evenkeel(['--from', url, '--max-wait', '50', '--batches', '1']);
    expect(lines).toMatchObject([{ rows: 1, features: ['f0', 'f1'] }]);
  });

  test('a message that is not a sample ends it: 65; or is counted', async () => {
    const url = await served((socket) => {
      socket.send('{"t":1}');
      socket.send('hello');
      socket.send('{"t":"2"}');
      socket.send('{"t":5}');
      socket.close(1000);
    });
    const { code, errors, lines } = await evenkeel(['--from', url]);
    expect({ code, errors }).toEqual({
      code: 65,
      errors: [`evenkeel: ${url}, sample 2: is not JSON: "hello"`],
    });
    expect(lines).toMatchObject([{ rows: 1 }]);
    const skipping = await evenkeel(['--from', url, '--skip-invalid']);
    expect(skipping.code).toBe(0);
    expect(skipping.lines).toMatchObject([{ rows: 2, mean: [3] }]);
    expect(skipping.told[0]).toMatch(/, 2 invalid$/);
  });

  test('a message that is too long ends it, which is told once; or is counted, and it connects again', async () => {
    const tooLongFirst = (socket: WebSocket, client: number): void => {
      if (client === 1) socket.send('0'.repeat(2 ** 20 + 1));
      else socket.send('1', () => socket.close(1000));
    };
    const [ending, skipped] = [await served(tooLongFirst), await served(tooLongFirst)];
    const why = 'Max payload size exceeded';
    const { code, told } = await evenkeel(['--from', ending]);
    expect({ code, told }).toEqual({
      code: 65,
      told: [`evenkeel: ${ending}, sample 1: could not be read: "${why}"`],
    });
    const skipping = await evenkeel(['--from', skipped, '--skip-invalid']);
    expect({ code: skipping.code, errors: skipping.errors }).toEqual({
      code: 0,
      errors: [`evenkeel: ${skipped}: ${why}; connecting again`],
    });
    expect(skipping.told.at(-1)).toMatch(/^evenkeel: 1 row in 1 batch, .*, 1 invalid$/);
  });

  test('--token is sent, also from the environment; without it there is no connection: 69', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (request.headers.authorization !== 'Bearer secret')
        return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return sockets.handleUpgrade(request, socket, head, (client) =>
        client.send('1', () => client.close(1000)),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect((await evenkeel(['--from', url, '--token', 'secret'])).lines).toHaveLength(1);
    const { child, result } = start(['--from', url], { env: { EVENKEEL_TOKEN: 'secret' } });
    child.stdin.end();
    expect((await result).lines).toHaveLength(1);
    const refused = await evenkeel(['--from', url, '--token', 'guess']);
    expect({ code: refused.code, told: refused.told }).toEqual({
      code: 69,
      told: [expect.stringMatching(/^evenkeel: ws:\/\/127\.0\.0\.1:\d+\/: refused with HTTP status 401/)],
    });
    expect(refused.stderr).not.toContain('guess');
  });

  test('where nobody listens, it gives up: 69', async () => {
    const server = createTcpServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { code, told } = await evenkeel(['--from', `ws://127.0.0.1:${port}/`]);
    expect({ code, told }).toEqual({
      code: 69,
      told: [
        expect.stringMatching(/^evenkeel: ws:\/\/127\.0\.0\.1:\d+\/: .*ECONNREFUSED.* \(after 5 attempts\)$/),
      ],
    });
  });

  test('a connection refused for good leaves what was learned: 69', async () => {
    const state = join(folder(), 'state.json');
    const url = await served((socket) => socket.send('[[1],[3]]', () => socket.close(1008, 'enough')));
    const { code, told } = await evenkeel(['--from', url, '--state', state]);
    expect(code).toBe(69);
    expect(told).toEqual([
      expect.stringMatching(/^evenkeel: ws:.*closed with code 1008 \(enough\)/),
      expect.stringMatching(/^evenkeel: 2 rows in 1 batch, .*; state saved to /),
    ]);
  });
});

describe('to a WebSocket', () => {
  test('a file waits for its subscriber, who is sent every row and the end', async () => {
    const [direct, { child, seen, result }] = [
      evenkeel(['--from', seattleWeather]),
      start(['--from', seattleWeather, '--to', 'ws://127.0.0.1:0/normalized']),
    ];
    child.stdin.end();
    const [, url] = await seen(/serving at (ws:\/\/127\.0\.0\.1:\d+\/normalized)\n/);
    const rows = await lastValueFrom(fromWebSocket<number[]>(url!).pipe(toArray()));
    expect(rows).toEqual((await direct).lines.flatMap(({ normalized }) => normalized));
    const { code, stdout, told } = await result;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(told.at(-1)).toMatch(/^evenkeel: 1,461 rows in 46 batches, .*, 0 dropped, /);
  });

  test.each([1, 20_000])('every row of a file reaches who reads, with --size %i', async (size) => {
    const path = file('data.csv', `a,b,c\n${'1.25,2.5,3.75\n2.5,1,0\n'.repeat(10_000)}`);
    const { child, seen, result } = start(['--from', path, '--size', `${size}`, '--to', 'ws://127.0.0.1:0/']);
    child.stdin.end();
    const [, url] = await seen(/serving at (ws:.*)\n/);
    let rows = 0;
    const client = new WebSocket(url!).on('message', (data) => {
      rows += JSON.parse(data.toString()).length;
    });
    expect(await once(client, 'close')).toEqual([1000, expect.anything()]);
    expect(rows).toBe(20_000);
    expect((await result).told.at(-1)).toMatch(/^evenkeel: 20,000 rows in .*, 0 dropped, 0 invalid$/);
  });

  test('Ctrl-C is not the end for good: 1001', async () => {
    const { child, seen, result } = start(['--to', 'ws://127.0.0.1:0/']);
    const [, url] = await seen(/serving at (ws:.*)\n/);
    const client = new WebSocket(url!);
    await once(client, 'message');
    child.kill('SIGINT');
    expect(await once(client, 'close')).toEqual([1001, expect.anything()]);
    expect((await result).code).toBe(0);
  });

  test('an address that is taken: 69', async () => {
    const url = await served(() => {});
    const { code, told } = await evenkeel(['--from', seattleWeather, '--to', url]);
    expect({ code, told }).toEqual({
      code: 69,
      told: [`evenkeel: ${url}: cannot listen: the address is in use`],
    });
  });
});

/** `script` of util-linux runs a command in a terminal of its own. */
const script = 'script';
const hasTerminal = /util-linux/.test(spawnSync(script, ['--version'], { encoding: 'utf8' }).stdout ?? '');

describe.skipIf(!hasTerminal)('on a terminal (needs script of util-linux)', () => {
  const quoted = (args: readonly string[]): string => args.map((arg) => `'${arg}'`).join(' ');
  function terminal(line: string, size = 'rows 80 cols 160') {
    // The shell gives way to the command: one that waited would take the Ctrl-C for its own.
    const child = spawn(script, ['-qec', `stty ${size}; exec ${line}`, '/dev/null'], {
      env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm-256color' },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (some: string) => {
      screen += some;
    });
    const code = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)));
    return { child, code, shown: () => screen };
  }

  test('the sensors: a line a feature, and Ctrl-C ends it with a summary', async () => {
    const { child, code, shown } = terminal(quoted([...command, '--size', '2']));
    await expect.poll(shown, { timeout: 30_000 }).toMatch(/cpu0_percent +\S+ +[▁▂▃▄▅▆▇█]+ +\d\S* +\d/);
    for (const feature of ['memory_used_mib', 'loop_delay_ms', ...cpus().map((_, i) => `cpu${i}_percent`)])
      expect(shown()).toContain(feature);
    expect(shown()).toMatch(/evenkeel · \d+\.\d s · this machine's sensors, over ws:\/\/127\.0\.0\.1:\d+\//);
    child.stdin.write('\u0003');
    expect(await code).toBe(0);
    expect(shown()).toMatch(/evenkeel: \d+ rows in \d+ batch(es)?, .*, 0 dropped, 0 invalid\s/);
    expect(shown()).toContain('\u001b[?25h'); // the cursor is back
  });

  test('Ctrl-Z does not stop it where no shell could continue it', async () => {
    const { child, code, shown } = terminal(quoted(command));
    await expect.poll(shown, { timeout: 30_000 }).toContain('cpu0_percent');
    child.stdin.write('\u001a');
    await expect.poll(shown, { timeout: 30_000 }).toMatch(/\[\?25h.*\[\?25l.*cpu0_percent/s);
    child.stdin.write('\u0003');
    expect(await code).toBe(0);
  });

  test('Ctrl-Z gives the shell its cursor; the table is drawn anew once it goes on', async () => {
    const line = quoted(['sh', '-c', 'set -m; "$@"; fg', 'sh', ...command]);
    const { child, code, shown } = terminal(line);
    await expect.poll(shown, { timeout: 30_000 }).toContain('cpu0_percent');
    expect(shown()).not.toContain('\u001b[?25h');
    child.stdin.write('\u001a');
    // Shown, hidden again, and the whole table.
    await expect.poll(shown, { timeout: 30_000 }).toMatch(/\[\?25h.*\[\?25l.*cpu0_percent/s);
    child.stdin.write('\u0003');
    expect(await code).toBe(0);
  });

  test.each([
    ['a file', quoted(['--from', seattleWeather])],
    ['a file as standard input', `--from - < ${quoted([seattleWeather])}`],
  ])('%s: its progress, and the statistics it ended with', async (_, from) => {
    const { code, shown } = terminal(`${quoted(command)} ${from}`);
    expect(await code).toBe(0);
    expect(shown()).toMatch(/evenkeel · \d+\.\d s · 100% of 47\.\d KiB · /);
    expect(shown()).toMatch(/1,461 rows · 46 batches · .* rows\/s · 0 dropped · 0 invalid/);
    expect(shown()).toMatch(/temp_max +5\.6 +[▁▂▃▄▅▆▇█]+ +16\.439 +7\.34\d+ +-?0\.000 +1\.000/);
    for (const feature of ['precipitation', 'temp_min', 'wind']) expect(shown()).toContain(feature);
  });

  test('a window too small for all features', async () => {
    const { code, shown } = terminal(quoted([...command, '--from', seattleWeather]), 'rows 9 cols 80');
    expect(await code).toBe(0);
    expect(shown()).toContain('… and 2 more');
  });

  test('a terminal that does not know its size is taken for 80 by 24', async () => {
    const { code, shown } = terminal(quoted([...command, '--from', seattleWeather]), 'rows 0 cols 0');
    expect(await code).toBe(0);
    expect(shown()).toMatch(/temp_max +5\.6 /);
    const longest = Math.max(
      ...stripVTControlCharacters(shown())
        .split(/\r?\n/)
        .map((line) => line.length),
    );
    expect(longest).toBeGreaterThan(70);
    expect(longest).toBeLessThanOrEqual(80);
  });

  test.each(['-', '"$(tty)"'])('Ctrl-C ends it while it reads from a terminal: %s', async (from) => {
    const { child, code, shown } = terminal(`${quoted(command)} --size 2 --to - --from ${from}`);
    child.stdin.write('1\n3\n');
    await expect.poll(shown, { timeout: 30_000 }).toContain('"mean":[2]');
    child.stdin.write('\u0003');
    expect(await code).toBe(0);
    expect(shown()).toMatch(/evenkeel: 2 rows in 1 batch, /);
  });

  test('lines of JSON on the terminal: no progress line among them', async () => {
    const path = file('data.csv', `a\n${'1\n2\n'.repeat(100_000)}`);
    const { code, shown } = terminal(quoted([...command, '--from', path, '--size', '1000', '--to', '-']));
    expect(await code).toBe(0);
    expect(shown()).toContain('"batch":200');
    expect(shown()).not.toContain('data.csv');
  });

  test('output into a pipe: a progress line on the terminal, which the summary replaces', async () => {
    const path = file('data.csv', `a\n${'1\n2\n'.repeat(100_000)}`);
    const line = `${quoted([...command, '--from', path])} > ${quoted([join(folder(), 'out.ndjson')])}`;
    const { code, shown } = terminal(line);
    expect(await code).toBe(0);
    expect(shown()).toMatch(/data\.csv · \d+% of 390\.6 KiB · [\d,]+ rows · [\d,]+ rows\/s/);
    expect(shown()).toMatch(/evenkeel: 200,000 rows in 6,250 batches, /);
  });
});
