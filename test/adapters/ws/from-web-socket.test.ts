import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { runInNewContext } from 'node:vm';
import { FrameError, OptionError } from 'evenkeel';
import { type FromWebSocketOptions, fromWebSocket, type WebSocketStatus } from 'evenkeel/ws';
import { firstValueFrom, lastValueFrom, take, tap, toArray } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { fakeWebSockets } from './fake-web-socket.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A plain `ws` server that does as told with each client. */
async function server(
  onClient: (client: WebSocket, request: IncomingMessage, index: number) => void = () => {},
  options: object = {},
): Promise<string> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  let clients = 0;
  wss.on('connection', (client, request) => onClient(client, request, clients++));
  await once(wss, 'listening');
  cleanups.push(() => {
    for (const client of wss.clients) client.terminate();
    return new Promise((resolve) => wss.close(resolve));
  });
  return `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`;
}

const quick = { initialDelayMs: 1, maxDelayMs: 5 } as const;
const collect = (url: string, options: FromWebSocketOptions = {}): Promise<unknown[]> =>
  lastValueFrom(fromWebSocket(url, { reconnect: quick, ...options }).pipe(toArray()));

describe('fromWebSocket', () => {
  it('emits the samples of text and binary messages, and completes at code 1000', async () => {
    const url = await server((client) => {
      client.send('1');
      client.send('[[1,2],[3,null]]');
      client.send('{"t":1}');
      client.send(Buffer.from(Float32Array.of(1, 2, 3, 4).buffer));
      client.close(1000);
    });
    const rows = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
    expect(await collect(url, { columns: 2 })).toEqual([1, [1, 2], [3, null], { t: 1 }, ...rows]);
  });

  it('is cold: nothing connects before a subscription, and each has its own connection', async () => {
    let clients = 0;
    const url = await server((client) => {
      clients++;
      client.send(`${clients}`);
    });
    const source = fromWebSocket<number>(url);
    expect(clients).toBe(0);
    expect(await firstValueFrom(source)).toBe(1);
    expect(await firstValueFrom(source)).toBe(2);
  });

  it('connects again when the connection is lost, and goes on', async () => {
    const url = await server((client, _request, index) => {
      client.send(`${index}`, () => (index === 4 ? client.close(1000) : client.terminate()));
    });
    expect(await collect(url)).toEqual([0, 1, 2, 3, 4]);
  });

  it('closes the connection when the subscriber has enough, in the middle of a message', async () => {
    let closedWith: Promise<unknown> | undefined;
    const url = await server((client) => {
      closedWith = once(client, 'close').then(([code]) => code);
      client.send('[[1],[2],[3],[4]]');
    });
    const seen: unknown[] = [];
    const source = fromWebSocket(url);
    await lastValueFrom(source.pipe(take(2)), { defaultValue: undefined }).then((last) => seen.push(last));
    expect(seen).toEqual([[2]]);
    expect(await closedWith).toBe(1000);
  });

  it('emits nothing more to a subscriber that left in the middle of a message', () => {
    const { WebSocket, sockets } = fakeWebSockets();
    const seen: unknown[] = [];
    const subscription = fromWebSocket('ws://host/', { WebSocket }).subscribe((sample) => {
      seen.push(sample);
      if (seen.length === 2) subscription.unsubscribe();
    });
    sockets[0]!.open();
    sockets[0]!.message('[[1],[2],[3]]');
    sockets[0]!.message('[4]');
    expect(seen).toEqual([[1], [2]]);
    expect(sockets[0]!.closedWith).toBe(1000);
  });

  it('unsubscribes while connecting, without an error nobody hears', async () => {
    let arrived: (socket: Socket) => void;
    const accepted = new Promise<Socket>((resolve) => {
      arrived = resolve;
    });
    const silent = createTcpServer((socket) => arrived(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    cleanups.push(() => silent.close());
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const events: unknown[] = [];
    const seen = (event: unknown): unknown => events.push(event);
    const subscription = fromWebSocket(url).subscribe({
      next: seen,
      error: seen,
      complete: () => seen('complete'),
    });
    const socket = await accepted;
    subscription.unsubscribe();
    socket.resume();
    await once(socket, 'close');
    fromWebSocket(url).subscribe({ error: seen }).unsubscribe(); // before it even began to connect
    await new Promise(setImmediate);
    expect(events).toEqual([]);
  });

  it('does not wait long for a server that does not answer its close', async () => {
    const deaf = createServer();
    const gone = new Promise((resolve) => {
      deaf.on('upgrade', (request, socket) => {
        const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
        const accept = createHash('sha1').update(key).digest('base64');
        const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
        socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        socket
          .on('error', resolve)
          .on('end', () => resolve(socket.end()))
          .resume();
      });
    });
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    cleanups.push(() => deaf.close());
    const url = `ws://127.0.0.1:${(deaf.address() as AddressInfo).port}/`;
    await new Promise<void>((resolve) => {
      const onStatus = ({ state }: WebSocketStatus): void => {
        if (state === 'open') resolve();
      };
      const subscription = fromWebSocket(url, { onStatus }).subscribe();
      cleanups.push(() => subscription.unsubscribe());
    });
    await cleanups.pop()!();
    await gone;
  }, 15_000);

  it.each([401, 403])('HTTP status %i ends it at once with a ConnectionError', async (status) => {
    let requests = 0;
    const url = await server(undefined, {
      verifyClient: (_info: unknown, done: (ok: boolean, code: number) => void) => {
        requests++;
        done(false, status);
      },
    });
    await expect(collect(url)).rejects.toMatchObject({ code: 'EVENKEEL_CONNECTION', url, attempts: 1 });
    await expect(collect(url)).rejects.toThrow(
      `${url}: refused with HTTP status ${status} (after 1 attempt)`,
    );
    expect(requests).toBe(2);
  });

  it('close code 1008 ends it at once with a ConnectionError', async () => {
    const url = await server((client) => client.close(1008, 'no'));
    await expect(collect(url)).rejects.toThrow('closed with code 1008 (no)');
  });

  it('gives up on an address where nobody listens, naming it', async () => {
    const vacant = createTcpServer().listen(0, '127.0.0.1');
    await once(vacant, 'listening');
    const { port } = vacant.address() as AddressInfo;
    await new Promise((resolve) => vacant.close(resolve));
    const end = collect(`ws://user:secret@127.0.0.1:${port}/x`, { reconnect: { ...quick, maxRetries: 2 } });
    await expect(end).rejects.toMatchObject({
      url: `ws://127.0.0.1:${port}/x`,
      attempts: 3,
      message: expect.not.stringContaining('secret'),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });

  it('tells nobody the query, which may hold a secret', async () => {
    const url = await server((client) => client.close(1008));
    await expect(collect(`${url}path?token=secret`)).rejects.toMatchObject({
      url: `${url}path?…`,
      message: `${url}path?…: closed with code 1008 (after 1 attempt)`,
    });
  });

  it('a server that speaks no WebSocket is a failure to connect', async () => {
    const plain = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    cleanups.push(() => plain.close());
    const url = `ws://127.0.0.1:${(plain.address() as AddressInfo).port}/`;
    await expect(collect(url, { reconnect: false })).rejects.toThrow('refused with HTTP status 200');
  });

  it('sends the token and the headers with the handshake, and asks for the subprotocols', async () => {
    let request: IncomingMessage | undefined;
    const url = await server((client, asked) => {
      request = asked;
      client.close(1000);
    });
    await collect(url, { token: 'abc', headers: { 'x-device': '7' }, protocols: ['a', 'b'] });
    expect(request!.headers).toMatchObject({
      authorization: 'Bearer abc',
      'x-device': '7',
      'sec-websocket-protocol': 'a,b',
    });
  });
});

describe('onInvalid', () => {
  const invalid = async (): Promise<string> =>
    server((client) => {
      client.send('[1]');
      client.send('"no sample"');
      client.send('[2]');
      client.close(1000);
    });

  it("'error', the default, ends it with a FrameError", async () => {
    await expect(collect(await invalid())).rejects.toBeInstanceOf(FrameError);
  });

  it('a function is told, and the samples go on', async () => {
    const told: unknown[] = [];
    const samples = await collect(await invalid(), {
      onInvalid: (error, frame) => told.push([error.code, frame]),
    });
    expect(samples).toEqual([[1], [2]]);
    expect(told).toEqual([['EVENKEEL_FRAME', '"no sample"']]);
  });

  it('what the function throws is an error notification', async () => {
    const onInvalid = (): never => {
      throw new Error('mine');
    };
    await expect(collect(await invalid(), { onInvalid })).rejects.toThrow('mine');
  });

  it('a message of 1 MiB is taken, and none of more, by default', async () => {
    const url = await server((client) => {
      client.send('[1]'.padEnd(2 ** 20));
      client.send('[2]'.padEnd(2 ** 20 + 1));
    });
    const seen: unknown[] = [];
    const source = fromWebSocket(url).pipe(tap((sample) => seen.push(sample)));
    await expect(lastValueFrom(source)).rejects.toThrow(/could not be read.*payload size/i);
    expect(seen).toEqual([[1]]);
  });

  it('a message over maxPayload is a FrameError, or told of without its text', async () => {
    const url = await server((client, _request, index) => {
      if (index > 1) client.close(1000);
      else client.send('1'.repeat(100));
    });
    await expect(collect(url, { maxPayload: 99 })).rejects.toThrow(/could not be read.*payload size/i);
    const told: unknown[] = [];
    expect(await collect(url, { maxPayload: 99, onInvalid: (...args) => told.push(args) })).toEqual([]);
    expect(told).toEqual([[expect.any(FrameError), undefined]]);
  });
});

describe('options', () => {
  it.each([
    ['url', 'http://host/', {}],
    ['url', 'nonsense', {}],
    ['url', 'ws://host/#part', {}],
    ['url', undefined, {}],
    ['url', Symbol('ws://host'), {}],
    ['url', Object.create(null), {}],
    [
      'url',
      {
        toString() {
          throw new Error('mine');
        },
      },
      {},
    ],
    ['fromWebSocket.retries', 'ws://host', { retries: 3 }],
    ['columns', 'ws://host', { columns: 0 }],
    ['protocols', 'ws://host', { protocols: 'a' }],
    ['protocols', 'ws://host', { protocols: ['a', 'a'] }],
    ['protocols', 'ws://host', { protocols: ['a b'] }],
    ['headers', 'ws://host', { headers: { a: 1 } }],
    ['headers', 'ws://host', { headers: null }],
    ['headers', 'ws://host', { headers: ['a'] }],
    ['headers', 'ws://host', { headers: new Headers({ a: 'b' }) }],
    ['headers', 'ws://host', { headers: new Map([['a', 'b']]) }],
    ['headers', 'ws://host', { headers: { 'a b': 'c' } }],
    ['headers', 'ws://host', { headers: { '': 'c' } }],
    ['headers', 'ws://host', { headers: { a: 'b\r\nc: d' } }],
    ['headers', 'ws://host', { headers: { a: '€' } }],
    ['token', 'ws://host', { token: '' }],
    ['token', 'ws://host', { token: 'line\nbreak' }],
    ['token', 'ws://host', { token: 'a', headers: { authorization: 'Basic Og==' } }],
    ['maxPayload', 'ws://host', { maxPayload: -1 }],
    ['maxPayload', 'ws://host', { maxPayload: 2 ** 31 }],
    ['onInvalid', 'ws://host', { onInvalid: 'ignore' }],
    ['connectTimeoutMs', 'ws://host', { connectTimeoutMs: 0 }],
    ['idleTimeoutMs', 'ws://host', { idleTimeoutMs: Infinity }],
    ['onStatus', 'ws://host', { onStatus: true }],
    ['random', 'ws://host', { random: 0.5 }],
    ['scheduler', 'ws://host', { scheduler: {} }],
    ['WebSocket', 'ws://host', { WebSocket: null }],
    ['reconnect', 'ws://host', { reconnect: true }],
    ['reconnect', 'ws://host', { reconnect: null }],
  ])('%s is refused at once: %o %j', (option, url, options) => {
    const call = (): unknown => fromWebSocket(url as string, options as never);
    expect(call).toThrow(OptionError);
    expect(call).toThrow(expect.objectContaining({ option }));
  });

  it('a token is never part of the message', () => {
    expect(() => fromWebSocket('ws://host', { token: 'se cret' })).toThrow(/^(?!.*cret)/);
  });

  it('are those at the call, whatever becomes of them', () => {
    const { WebSocket, sockets } = fakeWebSockets();
    const options = { WebSocket, protocols: ['a'], headers: { 'x-device': '7' } };
    const source = fromWebSocket('ws://host/', options);
    options.protocols[0] = 'not a name';
    options.headers['x-device'] = '8';
    Object.assign(options, { WebSocket: null });
    source.subscribe().unsubscribe();
    expect(sockets).toHaveLength(1);
    expect(sockets[0]).toMatchObject({ protocols: ['a'], settings: { headers: { 'x-device': '7' } } });
  });

  it('takes binary messages of another realm', () => {
    const { WebSocket, sockets } = fakeWebSockets();
    const seen: unknown[] = [];
    const subscription = fromWebSocket('ws://host/', { WebSocket }).subscribe((row) => seen.push(row));
    sockets[0]!.open();
    sockets[0]!.message(runInNewContext('Float32Array.of(1, 2).buffer'));
    expect(seen).toEqual([Float32Array.of(1, 2)]);
    subscription.unsubscribe();
  });

  it('takes a URL object, and any WebSocket that is one', async () => {
    const url = await server((client) => client.send('1'));
    const states: WebSocketStatus['state'][] = [];
    const source = fromWebSocket(new URL(url), { WebSocket, onStatus: ({ state }) => states.push(state) });
    expect(await firstValueFrom(source)).toBe(1);
    expect(states).toEqual(['connecting', 'open']);
  });
});
