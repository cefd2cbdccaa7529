import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { ConnectionError, FrameError, OptionError, tensor } from 'evenkeel';
import {
  fromWebSocket,
  type ServeWebSocketOptions,
  serveWebSocket,
  type WebSocketGateway,
} from 'evenkeel/ws';
import {
  bufferCount,
  concat,
  config,
  filter,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  of,
  range,
  Subject,
  take,
  toArray,
} from 'rxjs';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { bearerProtocol } from '../../../src/adapters/ws/bearer.js';
import { checkServerOptions } from '../../../src/adapters/ws/server-options.js';

const open: WebSocketGateway[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

async function serve(options: ServeWebSocketOptions = {}): Promise<WebSocketGateway> {
  const gateway = await serveWebSocket(options);
  open.push(gateway);
  return gateway;
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: string[];
  /** The close code. */
  readonly closed: Promise<number>;
}

async function client(url: string, options: ClientOptions = {}, protocols: string[] = []): Promise<Client> {
  const socket = new WebSocket(url, protocols, options);
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(data.toString()));
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  return { socket, messages, closed };
}

/** The HTTP status an attempt to connect is refused with, or 101. */
function statusOf(url: string, options: ClientOptions = {}, protocols: string[] = []): Promise<number> {
  const socket = new WebSocket(url, protocols, options);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode!);
      socket.off('error', reject).on('error', () => {});
      request.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
  });
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

const origin = 'https://example.org';

describe('admission', () => {
  it('is at a loopback address, any free port, and path / by default', async () => {
    const { url } = await serve();
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
    expect(await statusOf(url)).toBe(101);
    expect(await statusOf(`${url}?since=1`)).toBe(101);
  });

  it('refuses another path with 404', async () => {
    const { url } = await serve({ path: '/samples' });
    expect(url).toMatch(/\/samples$/);
    expect(await statusOf(url)).toBe(101);
    for (const path of ['/', '/samples/', '/Samples', '/other/samples']) {
      expect(await statusOf(new URL(path, url).href)).toBe(404);
    }
  });

  it('refuses any Origin that is not listed to the letter with 403, and takes a client without one', async () => {
    const { url } = await serve({ origins: [origin] });
    expect(await statusOf(url)).toBe(101);
    expect(await statusOf(url, { origin })).toBe(101);
    for (const other of [
      'https://example.org.evil.test',
      'http://example.org',
      'https://example.org:8443',
      'null',
      `${origin}/`,
    ]) {
      expect(await statusOf(url, { origin: other })).toBe(403);
    }
    const closed = await serve();
    expect(await statusOf(closed.url, { origin })).toBe(403);
  });

  it('refuses a missing or wrong token with 401', async () => {
    const { url } = await serve({ token: 'correct' });
    const bearer = (authorization: string): ClientOptions => ({ headers: { authorization } });
    expect(await statusOf(url)).toBe(401);
    for (const wrong of [
      'Bearer wrong',
      'Bearer correc',
      'Bearer correctt',
      'Basic correct',
      'Bearer',
      'correct',
    ]) {
      expect(await statusOf(url, bearer(wrong))).toBe(401);
    }
    expect(await statusOf(url, bearer('Bearer correct'))).toBe(101);
    expect(await statusOf(url, bearer('bearer  correct'))).toBe(101);
  });

  it('takes a token as a subprotocol, as browsers send it, and does not send it back', async () => {
    const { url } = await serve({ token: 'a/b+c=~' });
    expect(await statusOf(url, {}, ['evenkeel', bearerProtocol('other')])).toBe(401);
    const { socket } = await client(url, {}, ['evenkeel', bearerProtocol('a/b+c=~')]);
    expect(socket.protocol).toBe('evenkeel');
    const reversed = await client(url, {}, [bearerProtocol('a/b+c=~'), 'mine']);
    expect(reversed.socket.protocol).toBe('mine');
  });

  it('takes the token fromWebSocket sends', async () => {
    const gateway = await serve({ token: 'secret' });
    const sent = of(1).pipe(gateway.broadcast());
    const onStatus = ({ state }: { state: string }): void => {
      if (state === 'open') until(() => gateway.counters.clients === 1).then(() => sent.subscribe());
    };
    expect(await firstValueFrom(fromWebSocket(gateway.url, { token: 'secret', onStatus }))).toBe(1);
    const refused = firstValueFrom(fromWebSocket(gateway.url, { token: 'wrong' }));
    await expect(refused).rejects.toMatchObject({ code: 'EVENKEEL_CONNECTION', attempts: 1 });
  });

  it('refuses one client too many with 503, and takes another once one has gone', async () => {
    const gateway = await serve({ maxClients: 2 });
    const [first] = [await client(gateway.url), await client(gateway.url)];
    expect(await statusOf(gateway.url)).toBe(503);
    first.socket.close();
    await until(() => gateway.counters.clients === 1);
    expect(await statusOf(gateway.url)).toBe(101);
  });

  it('answers plain HTTP with 426', async () => {
    const { url } = await serve();
    const [response] = await once(get(url.replace('ws:', 'http:')), 'response');
    expect(response.statusCode).toBe(426);
    expect(response.headers.upgrade).toBe('websocket');
    response.resume();
  });

  it('compresses nothing', async () => {
    const { url } = await serve();
    const { socket } = await client(url, { perMessageDeflate: true });
    expect(socket.extensions).toBe('');
  });

  it('survives garbage and half requests', async () => {
    const gateway = await serve();
    const { hostname, port } = new URL(gateway.url);
    for (const text of [
      '\0\0\0\r\n\r\n',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: x\r\n\r\n',
      'GET / HT',
    ]) {
      const raw = connect(Number(port), hostname);
      raw.on('error', () => {});
      await once(raw, 'connect');
      raw.end(text);
      raw.resume();
      await once(raw, 'close');
    }
    expect(await statusOf(gateway.url)).toBe(101);
  });
});

describe('samples$', () => {
  it('is what producers send in, from all of them, counted', async () => {
    const gateway = await serve({ columns: 2 });
    const seen = firstValueFrom(gateway.samples$.pipe(take(5), toArray()));
    const [a, b] = [await client(gateway.url), await client(gateway.url)];
    a.socket.send('[[1,2],[3,4]]');
    await until(() => gateway.counters.received === 2);
    b.socket.send('{"t":1}');
    await until(() => gateway.counters.received === 3);
    a.socket.send(Buffer.from(Float32Array.of(5, 6, 7, 8).buffer));
    expect(await seen).toEqual([[1, 2], [3, 4], { t: 1 }, Float32Array.of(5, 6), Float32Array.of(7, 8)]);
    expect(gateway.counters).toMatchObject({ clients: 2, received: 5, invalid: 0, sent: 0 });
  });

  it('closes a client whose message is not a sample with 1007, and no other', async () => {
    const gateway = await serve();
    const seen = firstValueFrom(gateway.samples$);
    const [bad, good] = [await client(gateway.url), await client(gateway.url)];
    bad.socket.send('"no sample"');
    bad.socket.send('[666]');
    expect(await bad.closed).toBe(1007);
    good.socket.send('[1]');
    expect(await seen).toEqual([1]);
    expect(gateway.counters).toMatchObject({ received: 1, invalid: 1 });
  });

  it('tells onInvalid of it instead, and goes on', async () => {
    const told: unknown[] = [];
    const gateway = await serve({
      onInvalid: (error, frame) => told.push(error instanceof FrameError, frame),
    });
    const seen = firstValueFrom(gateway.samples$);
    const { socket } = await client(gateway.url);
    socket.send('{');
    socket.send('[1]');
    expect(await seen).toEqual([1]);
    expect(told).toEqual([true, '{']);
    expect(gateway.counters).toMatchObject({ received: 1, invalid: 1 });
  });

  it('tells onInvalid of a message that cannot be read, too, without its text', async () => {
    const told: unknown[] = [];
    const gateway = await serve({ maxPayload: 10, onInvalid: (...args) => told.push(args) });
    const { socket, closed } = await client(gateway.url);
    socket.send('"no sample"');
    expect(await closed).toBe(1009);
    expect(told).toEqual([[expect.any(FrameError), undefined]]);
    expect(String((told as [FrameError][])[0]![0])).toMatch(/could not be read.*payload size/i);
    expect(gateway.counters).toMatchObject({ received: 0, invalid: 1 });
  });

  it('what onInvalid throws is reported as RxJS does, and costs nobody the connection', async () => {
    const reported = new Promise((resolve) => {
      config.onUnhandledError = resolve;
    });
    onTestFinished(() => {
      config.onUnhandledError = null;
    });
    const gateway = await serve({
      onInvalid: () => {
        throw new Error('mine');
      },
    });
    const seen = firstValueFrom(gateway.samples$);
    const { socket } = await client(gateway.url);
    socket.send('{');
    socket.send('[1]');
    expect(await seen).toEqual([1]);
    expect(await reported).toEqual(new Error('mine'));
  });

  it('one message of a producer cannot end what is made of all of them', async () => {
    const gateway = await serve({ columns: 1 });
    const ended: unknown[] = [];
    gateway.samples$.pipe(gateway.broadcast()).subscribe({ error: (error) => ended.push(error) });
    const good = await client(gateway.url);
    for (const text of [
      '[["a"]]',
      '[1e999]',
      '{"t":1e999}',
      '[[]]',
      '['.repeat(20_000) + ']'.repeat(20_000),
    ]) {
      const bad = await client(gateway.url);
      bad.socket.send(text);
      expect(await bad.closed).toBe(1007);
    }
    const bad = await client(gateway.url);
    bad.socket.send(Buffer.from(Float32Array.of(1, Infinity).buffer));
    expect(await bad.closed).toBe(1007);
    good.socket.send('[7]');
    await until(() => good.messages.length === 1);
    expect([good.messages, ended]).toEqual([['[7]'], []]);
  });

  it('closes a client whose message is too long with 1009, or is not UTF-8 with 1007', async () => {
    const gateway = await serve();
    const exact = await client(gateway.url);
    exact.socket.send('[1]'.padEnd(2 ** 16));
    await until(() => gateway.counters.received === 1);
    exact.socket.send('[1]'.padEnd(2 ** 16 + 1));
    expect(await exact.closed).toBe(1009);
    const garbled = await client(gateway.url);
    garbled.socket.send(Buffer.of(0xff, 0xfe), { binary: false });
    expect(await garbled.closed).toBe(1007);
    expect(gateway.counters).toMatchObject({ received: 1, invalid: 2 });
  });

  it('completes at close, and what that lets out is still sent', async () => {
    const gateway = await serve();
    const { socket, messages, closed } = await client(gateway.url);
    const batches: unknown[] = [];
    gateway.samples$.pipe(bufferCount(3), gateway.broadcast()).subscribe({
      next: (batch) => batches.push(batch),
      complete: () => batches.push('complete'),
    });
    for (const sample of ['[1]', '[2]', '[3]', '[4]']) socket.send(sample);
    await until(() => gateway.counters.received === 4);
    await gateway.close(1000);
    expect(batches).toEqual([[[1], [2], [3]], [[4]], 'complete']);
    expect(await closed).toBe(1000);
    expect(messages).toEqual(['[[1],[2],[3]]', '[[4]]']);
    expect(gateway.counters).toMatchObject({ sent: 2, delivered: 2, dropped: 0, queued: 0, clients: 0 });
  });
});

describe('broadcast', () => {
  it('passes values through and sends them to every client, in order', async () => {
    const gateway = await serve();
    const clients = [await client(gateway.url), await client(gateway.url), await client(gateway.url)];
    const values = [tensor([1, Number.NaN], [1, 2]), { t: 1 }, 7];
    expect(await lastValueFrom(of(...values).pipe(gateway.broadcast(), toArray()))).toEqual(values);
    await until(() => clients.every(({ messages }) => messages.length === 3));
    for (const { messages } of clients) expect(messages).toEqual(['[[1,null]]', '{"t":1}', '7']);
    expect(gateway.counters).toMatchObject({ sent: 9, delivered: 9, dropped: 0, queued: 0 });
  });

  it('what it sends, fromWebSocket receives: as JSON and as binary', async () => {
    const gateway = await serve();
    const x = tensor([1, 2, 3, 4], [2, 2]);
    const source = new Subject<unknown>();
    source.pipe(gateway.broadcast()).subscribe();
    source
      .pipe(
        filter((value) => value === x),
        gateway.broadcast({ format: 'binary' }),
      )
      .subscribe();
    const seen = firstValueFrom(fromWebSocket(gateway.url, { columns: 2 }).pipe(take(4), toArray()));
    await until(() => gateway.counters.clients === 1);
    source.next(x);
    expect(await seen).toEqual([[1, 2], [3, 4], Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  });

  it('serializes a value once for all clients, and not at all for none', async () => {
    const gateway = await serve();
    let serialized = 0;
    const sample = { toJSON: () => ({ n: ++serialized }) };
    of(sample).pipe(gateway.broadcast()).subscribe();
    expect(serialized).toBe(0);
    const clients = [await client(gateway.url), await client(gateway.url)];
    of(sample).pipe(gateway.broadcast()).subscribe();
    await until(() => clients.every(({ messages }) => messages.length === 1));
    expect(serialized).toBe(1);
    expect(gateway.counters.sent).toBe(2);
    for (const { socket } of clients) socket.close();
    await until(() => gateway.counters.clients === 0);
    of(sample).pipe(gateway.broadcast()).subscribe();
    expect(serialized).toBe(1);
  });

  it('a value that cannot be sent is an error notification; the gateway goes on', async () => {
    const gateway = await serve();
    const { messages } = await client(gateway.url);
    const outcome = lastValueFrom(of([1], [Infinity], [2]).pipe(gateway.broadcast()));
    await expect(outcome).rejects.toBeInstanceOf(FrameError);
    of([3]).pipe(gateway.broadcast()).subscribe();
    await until(() => messages.length === 2);
    expect(messages).toEqual(['[1]', '[3]']);
  });

  it('stops a synchronous source once there is enough', async () => {
    const gateway = await serve();
    await client(gateway.url);
    const seen = await lastValueFrom(range(1, 1e9).pipe(gateway.broadcast(), take(3), toArray()));
    expect(seen).toEqual([1, 2, 3]);
    expect(gateway.counters.sent).toBe(3);
  });

  it("whenFull 'disconnect' closes the client that is behind with 1013, and no other", async () => {
    const gateway = await serve({ queue: { maxBytes: 2000, whenFull: 'disconnect' } });
    const slow = await client(gateway.url);
    range(0, 8).pipe(gateway.broadcast()).subscribe(); // all at once: none can have been written yet
    const other = await client(gateway.url);
    expect(await slow.closed).toBe(1013);
    expect(slow.messages).toEqual(['0']);
    of(9).pipe(gateway.broadcast()).subscribe();
    await until(() => other.messages.length === 1);
    const { sent, delivered, dropped } = gateway.counters;
    expect([sent, delivered, dropped]).toEqual([9, 2, 7]);
  });

  it('refuses unknown options and formats at once', async () => {
    const gateway = await serve();
    expect(() => gateway.broadcast({ format: 'xml' as never })).toThrow(OptionError);
    expect(() => gateway.broadcast({ fromat: 'json' } as never)).toThrow(OptionError);
  });
});

describe('liveness', () => {
  it('hangs up on a client that does not answer a ping, and keeps one that does, or sends', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const gateway = await serve();
    const dead = await client(gateway.url, { autoPong: false });
    const sending = await client(gateway.url, { autoPong: false });
    const alive = await client(gateway.url);
    for (let round = 0; round < 3; round++) {
      const asked = once(alive.socket, 'ping');
      vi.advanceTimersByTime(30_000);
      await asked;
      alive.socket.ping();
      await once(alive.socket, 'pong'); // so its answer has arrived, too
      sending.socket.send('[1]');
      await until(() => gateway.counters.received === round + 1);
    }
    expect(await dead.closed).toBe(1006);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    expect(sending.socket.readyState).toBe(WebSocket.OPEN);
    await until(() => gateway.counters.clients === 2);
    await gateway.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('close', () => {
  it('closes clients with 1001, frees the port, and is idempotent', async () => {
    const gateway = await serve();
    const { closed } = await client(gateway.url);
    expect(gateway.closed).toBe(false);
    const closing = gateway.close();
    expect(gateway.closed).toBe(true);
    expect(gateway.close()).toBe(closing);
    await closing;
    expect(await closed).toBe(1001);
    const port = Number(new URL(gateway.url).port);
    expect((await serve({ port })).url).toBe(gateway.url);
    await expect(lastValueFrom(gateway.samples$, { defaultValue: 'complete' })).resolves.toBe('complete');
  });

  it('sends what waits first, and takes no more', async () => {
    const gateway = await serve();
    const { messages, closed } = await client(gateway.url);
    range(0, 100).pipe(gateway.broadcast()).subscribe();
    expect(gateway.counters).toMatchObject({ sent: 100, queued: 100 });
    const closing = gateway.close();
    await Promise.resolve().then(() => {});
    of(100).pipe(gateway.broadcast()).subscribe();
    await closing;
    await closed;
    expect(messages).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(gateway.counters).toMatchObject({ sent: 100, delivered: 100, dropped: 0, queued: 0 });
  });

  it('may be called by whom it completes', async () => {
    const gateway = await serve();
    let again: Promise<void> | undefined;
    gateway.samples$.subscribe({
      complete: () => {
        again = gateway.close();
      },
    });
    await gateway.close();
    expect(again).toBe(gateway.close());
  });

  it('does not wait for a client that does not close, nor for one that never asked for anything', async () => {
    const gateway = await serve();
    const { hostname, port } = new URL(gateway.url);
    const idle = connect(Number(port), hostname).on('error', () => {});
    const stuck = await client(gateway.url);
    stuck.socket.pause();
    await gateway.close();
    stuck.socket.resume();
    expect([1001, 1006]).toContain(await stuck.closed);
    idle.destroy();
    expect(gateway.counters).toMatchObject({ clients: 0, queued: 0 });
  });

  it('broadcast passes through afterwards', async () => {
    const gateway = await serve();
    await gateway.close();
    expect(await lastValueFrom(of(1).pipe(gateway.broadcast()))).toBe(1);
  });

  it('leaves nothing that keeps a process alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name));
    const gateway = await serve({ pingMs: 10_000 });
    const subscription = concat(fromWebSocket(gateway.url), NEVER).subscribe();
    await until(() => gateway.counters.clients === 1);
    subscription.unsubscribe();
    await gateway.close();
    await until(() => {
      const now = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name));
      return now.length <= before.length;
    });
  });
});

describe('listening', () => {
  it('is bounded by default', () => {
    expect(checkServerOptions({})).toMatchObject({
      maxClients: 256,
      maxPayload: 2 ** 16,
      pingMs: 30_000,
      queue: { maxBytes: 2 ** 20, whenFull: 'drop-oldest' },
    });
  });

  it('rejects with a ConnectionError where the port is taken', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serveWebSocket({ port })).rejects.toBeInstanceOf(ConnectionError);
    await expect(serveWebSocket({ port })).rejects.toMatchObject({
      message: `${url}: cannot listen: EADDRINUSE (after 1 attempt)`,
      cause: expect.objectContaining({ code: 'EADDRINUSE' }),
    });
  });

  it('brackets an IPv6 address', async ({ skip }) => {
    const gateway = await serve({ host: '::1' }).catch((error: ConnectionError) => error);
    if (gateway instanceof ConnectionError) return skip('no IPv6 here');
    expect(gateway.url).toMatch(/^ws:\/\/\[::1\]:\d+\/$/);
    expect(await statusOf(gateway.url)).toBe(101);
  });

  it.each([
    ['host', ''],
    ['port', -1],
    ['port', 65_536],
    ['port', 1.5],
    ['path', 'samples'],
    ['path', '/a?b'],
    ['path', ''],
    ['origins', 'https://a.test'],
    ['origins', ['*']],
    ['origins', ['https://a.test/']],
    ['origins', ['https://a.test:443']],
    ['origins', ['null']],
    ['token', ''],
    ['maxPayload', 0],
    ['maxPayload', 2 ** 31],
    ['maxClients', 0],
    ['columns', 1.5],
    ['onInvalid', 'ignore'],
    ['pingMs', 0],
    ['pingMs', 2 ** 31],
    ['queue', 1],
    ['queue', null],
    ['queue.maxBytes', { maxBytes: 0 }],
    ['serveWebSocket.prot', 1],
  ])('rejects a bad %s: %j', async (option, value) => {
    const name = option.replace(/^serveWebSocket\.|\..*$/g, '');
    await expect(serveWebSocket({ [name]: value })).rejects.toMatchObject({
      code: 'EVENKEEL_OPTION',
      option,
    });
  });
});
