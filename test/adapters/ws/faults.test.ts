import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Moments, tensor } from 'evenkeel';
import { fromWebSocket, serveWebSocket, type WebSocketGateway } from 'evenkeel/ws';
import { of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

describe('a server that dies and comes back a hundred times', () => {
  const rowsOf = (life: number): number[][] =>
    Array.from({ length: 1 + (life % 7) }, (_, i) => [life + i / 8, 1e9 + life * i, Math.sin(life) * i]);

  /** Serves one life at `port`: sends its rows to whoever comes, until killed. */
  async function live(life: number, port: number): Promise<{ port: number; kill: () => Promise<void> }> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    server.on('connection', (client) => {
      for (const row of rowsOf(life)) client.send(JSON.stringify(row));
    });
    await once(server, 'listening');
    const kill = (): Promise<void> => {
      for (const client of server.clients) {
        const socket = (client as unknown as { _socket: Socket })._socket;
        if (life % 3 === 0) socket.write(Buffer.from([0x81, 20, 0x5b, 0x39])); // dies in the middle of a message
        if (life % 2 === 0) socket.resetAndDestroy();
        else client.terminate();
      }
      return new Promise((resolve) => server.close(() => resolve()));
    };
    return { port: (server.address() as AddressInfo).port, kill };
  }

  it('costs no learned state: counts are exact, and the statistics those of an uninterrupted run', async () => {
    const lives = 100;
    const learned = new Moments(3);
    const uninterrupted = new Moments(3);
    const states = { connecting: 0, open: 0, waiting: 0 };
    let server = await live(0, 0);
    const ended: unknown[] = [];
    const subscription = fromWebSocket<number[]>(`ws://127.0.0.1:${server.port}/`, {
      reconnect: { initialDelayMs: 1, maxDelayMs: 4, maxRetries: Infinity },
      onStatus: ({ state }) => states[state]++,
    }).subscribe({
      next: (row) => learned.update(row),
      error: (error) => ended.push(error),
      complete: () => ended.push('complete'),
    });
    onTestFinished(() => subscription.unsubscribe());

    for (let life = 0; life < lives; life++) {
      if (life > 0) server = await live(life, server.port);
      for (const row of rowsOf(life)) uninterrupted.update(row);
      await until(() => learned.count[0]! >= uninterrupted.count[0]!);
      await server.kill();
      const missed = states.waiting + (life % 10 === 0 ? 3 : 1); // now and then it stays away for a while
      await until(() => states.waiting >= missed);
    }
    expect(states.open).toBe(lives);
    expect(states.connecting).toBeGreaterThan(lives);
    expect(ended).toEqual([]);
    expect([...learned.count]).toEqual(
      Array(3).fill(Array.from({ length: lives }, (_, i) => rowsOf(i)).flat().length),
    );
    expect(learned.toJSON()).toEqual(uninterrupted.toJSON());
  });

  it('so does a gateway that closes: its clients come back to the next one', async () => {
    let gateway = await serveWebSocket();
    const port = Number(new URL(gateway.url).port);
    const seen: number[] = [];
    const subscription = fromWebSocket<number>(gateway.url, {
      reconnect: { initialDelayMs: 1, maxDelayMs: 4, maxRetries: Infinity },
    }).subscribe((sample) => seen.push(sample));
    onTestFinished(() => subscription.unsubscribe());
    for (let life = 0; life < 10; life++) {
      if (life > 0) gateway = await serveWebSocket({ port });
      await until(() => gateway.counters.clients === 1);
      of(life).pipe(gateway.broadcast()).subscribe();
      await gateway.close(); // what was sent before is delivered first
    }
    await until(() => seen.length === 10);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

/** A client that shakes hands and then never reads again. */
async function stoppedReader(gateway: WebSocketGateway): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const before = gateway.counters.clients;
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => {});
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
  );
  await until(() => gateway.counters.clients === before + 1);
  return socket;
}

describe('a subscriber that stops reading', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heldBytes = (): number => {
    gc();
    gc();
    return process.memoryUsage().arrayBuffers;
  };

  it('costs at most its bound of memory, disturbs no other, and the counters add up', async () => {
    const [messages, floats, maxBytes] = [2000, 8192, 2 ** 18];
    const bytes = 4 * floats; // 64 MB in all
    const gateway = await serveWebSocket({ queue: { maxBytes } });
    onTestFinished(() => gateway.close());
    const stopped = await stoppedReader(gateway);
    const healthy = new WebSocket(gateway.url);
    const seen: number[] = [];
    healthy.on('message', (data: Buffer) => seen.push(data.readFloatLE(0)));
    await until(() => gateway.counters.clients === 2);

    const before = heldBytes();
    let midway = 0;
    for (let i = 0; i < messages; i++) {
      const x = tensor(new Float32Array(floats).fill(i), [1, floats]);
      of(x)
        .pipe(gateway.broadcast({ format: 'binary' }))
        .subscribe();
      await until(() => seen.length === i + 1); // the other keeps up
      const { sent, delivered, dropped, queued } = gateway.counters;
      expect(sent).toBe(2 * (i + 1));
      expect(delivered + dropped + queued).toBe(sent);
      expect(queued * bytes).toBeLessThanOrEqual(maxBytes + bytes); // and one, of the other, being written
      if (i === messages / 2) midway = heldBytes();
    }
    expect(heldBytes() - before).toBeLessThan(maxBytes + 2 ** 22); // what sockets read into is in it
    expect(heldBytes() - midway).toBeLessThan(maxBytes); // and flat, once full
    expect(seen).toEqual(Array.from({ length: messages }, (_, i) => i));
    await until(() => gateway.counters.delivered >= messages);
    expect(gateway.counters.dropped).toBeGreaterThan(0);

    stopped.destroy();
    await until(() => gateway.counters.clients === 1);
    const { sent, delivered, dropped, queued } = gateway.counters;
    expect(queued).toBe(0);
    expect(delivered + dropped).toBe(sent);
    healthy.terminate();
  });

  it('does not hold up the end: what waits for it is dropped, and counted', async () => {
    const gateway = await serveWebSocket();
    const stopped = await stoppedReader(gateway);
    const x = tensor(new Float32Array(2 ** 16), [1, 2 ** 16]);
    while (gateway.counters.dropped === 0)
      of(x)
        .pipe(gateway.broadcast({ format: 'binary' }))
        .subscribe();
    expect(gateway.counters.queued).toBeGreaterThan(0);
    await gateway.close();
    const { sent, delivered, dropped, queued } = gateway.counters;
    expect(queued).toBe(0);
    expect(delivered + dropped).toBe(sent);
    stopped.destroy();
  });

  it('nor where it has closed its half', async () => {
    const gateway = await serveWebSocket();
    const stopped = await stoppedReader(gateway);
    const x = tensor(new Float32Array(2 ** 16), [1, 2 ** 16]);
    const broadcast = (): number => {
      of(x)
        .pipe(gateway.broadcast({ format: 'binary' }))
        .subscribe();
      return gateway.counters.sent;
    };
    await until(() => broadcast() > 0 && gateway.counters.dropped > 100); // so long the network has taken no more
    stopped.end();
    await until(() => gateway.counters.sent === broadcast()); // that its half is closed has arrived
    expect(gateway.counters).toMatchObject({ clients: 1 });
    await gateway.close();
    const { clients, sent, delivered, dropped, queued } = gateway.counters;
    expect([clients, queued]).toEqual([0, 0]);
    expect(delivered + dropped).toBe(sent);
    stopped.destroy();
  });

  it('is hung up on if it pings all the same, before the answers pile up', async () => {
    const gateway = await serveWebSocket({ pingMs: 2 ** 31 - 1 });
    onTestFinished(() => gateway.close());
    const stopped = await stoppedReader(gateway);
    const ping = Buffer.concat([Buffer.of(0x89, 0x80 | 125, 0, 0, 0, 0), Buffer.alloc(125)]);
    const pings = Buffer.concat(Array(500).fill(ping));
    const flood = (): void => {
      while (stopped.write(pings));
    };
    stopped.on('drain', flood);
    flood();
    await until(() => gateway.counters.clients === 0);
    stopped.destroy();
  });
});

describe('connections that ask for nothing', () => {
  const idle = async (gateway: WebSocketGateway): Promise<{ socket: Socket; text: Promise<string> }> => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket
      .on('error', () => {})
      .on('data', (data) => {
        text += data;
      });
    const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
    await once(socket, 'connect');
    return { socket, text: closed };
  };

  it('are 64 beside the clients at the most, and keep nobody out for more than 10 s', async () => {
    const gateway = await serveWebSocket({ maxClients: 1 });
    onTestFinished(() => gateway.close());
    const all = await Promise.all(Array.from({ length: 65 }, () => idle(gateway)));
    all[0]!.socket.write('GET / HTTP/1.1\r\nUpgrade: web');
    expect(await (await idle(gateway)).text).toBe('');
    expect(all.filter(({ socket }) => socket.closed)).toEqual([]);
    for (const { text } of all) expect(await text).toMatch(/^HTTP\/1.1 408 /);
    const client = new WebSocket(gateway.url);
    await once(client, 'open');
    client.close();
  });

  it('are hung up on once refused, even if they do not hang up themselves', async () => {
    const gateway = await serveWebSocket();
    const { hostname, port } = new URL(gateway.url);
    const refused = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    refused.on('error', () => {}).resume();
    refused.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(refused, 'end');
    await gateway.close(); // would wait for it
    refused.destroy();
  });
});

describe('hostile clients', () => {
  it('are refused as documented, all at once, while another works on undisturbed', async () => {
    const token = 'secret';
    const gateway = await serveWebSocket({ token, origins: ['https://example.org'], maxPayload: 1000 });
    onTestFinished(() => gateway.close());
    const headers = { authorization: `Bearer ${token}` };
    const seen: unknown[] = [];
    gateway.samples$.subscribe((sample) => seen.push(sample));
    const good = new WebSocket(gateway.url, { headers, origin: 'https://example.org' });
    await once(good, 'open');

    const { hostname, port } = new URL(gateway.url);
    const refusals: Record<string, number> = {};
    const note = (name: string, outcome: unknown): void => {
      refusals[`${name}: ${outcome}`] = (refusals[`${name}: ${outcome}`] ?? 0) + 1;
    };
    const attempt = (
      name: string,
      options: object,
      then: (socket: WebSocket) => void = () => {},
    ): Promise<void> =>
      new Promise((resolve) => {
        const socket = new WebSocket(gateway.url, options);
        socket.on('open', () => then(socket));
        socket.on('unexpected-response', (_request, response) => {
          note(name, response.statusCode);
          socket.terminate();
        });
        socket.on('error', () => {});
        socket.on('close', (code) => {
          if (code !== 1006) note(name, code);
          resolve();
        });
      });
    const rounds = 20;
    for (let i = 0; i < rounds; i++) {
      connect(Number(port), hostname, function (this: Socket) {
        this.write('GET / HTTP/1.1\r\nUpgrade: web');
        this.resetAndDestroy();
      });
      good.send(`[${i}]`);
      await Promise.all([
        attempt('oversize', { headers }, (socket) => socket.send('1'.repeat(1001))),
        attempt('no sample', { headers }, (socket) => socket.send('"__proto__"')),
        attempt('wrong Origin', { headers, origin: 'https://evil.test' }),
        attempt('missing token', {}),
      ]);
    }
    expect(refusals).toEqual({
      'oversize: 1009': rounds,
      'no sample: 1007': rounds,
      'wrong Origin: 403': rounds,
      'missing token: 401': rounds,
    });
    await until(() => seen.length === rounds && gateway.counters.clients === 1);
    expect(seen).toEqual(Array.from({ length: rounds }, (_, i) => [i]));
    expect(gateway.counters).toMatchObject({ received: rounds, invalid: 2 * rounds });
    expect(good.readyState).toBe(WebSocket.OPEN);
    good.close();
  });
});
