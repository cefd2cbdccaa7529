import { ConnectionError, OptionError } from 'evenkeel';
import { type FromWebSocketOptions, fromWebSocket, type WebSocketStatus } from 'evenkeel/ws';
import { asapScheduler, type Subscription, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type FakeWebSocket, fakeWebSockets } from './fake-web-socket.js';

/** What a subscription sees in virtual time while `script` plays the server: each connection's time, and each wait. */
function play(
  options: FromWebSocketOptions,
  script: (socket: FakeWebSocket, at: VirtualTimeScheduler, index: number) => void,
  untilMs = Infinity,
) {
  const scheduler = new VirtualTimeScheduler(undefined, untilMs);
  const connectedAt: number[] = [];
  const waits: number[] = [];
  const statuses: WebSocketStatus[] = [];
  const samples: unknown[] = [];
  let outcome: unknown = 'still going';
  const { WebSocket, sockets } = fakeWebSockets((socket, index) => {
    connectedAt.push(scheduler.now());
    scheduler.schedule(() => script(socket, scheduler, index), 0);
  });
  const subscription: Subscription = fromWebSocket('ws://host/', {
    scheduler,
    WebSocket,
    random: () => 1,
    onStatus: (status) => {
      statuses.push(status);
      if (status.state === 'waiting') waits.push(status.delayMs);
    },
    ...options,
  }).subscribe({
    next: (sample) => samples.push(sample),
    error: (error) => {
      outcome = error;
    },
    complete: () => {
      outcome = 'complete';
    },
  });
  scheduler.flush();
  return { connectedAt, waits, statuses, samples, sockets, subscription, scheduler, outcome: () => outcome };
}

const refusing = (socket: FakeWebSocket): void => socket.end(1006, '', new Error('connect ECONNREFUSED'));
const dropping = (socket: FakeWebSocket): void => {
  socket.open();
  socket.end(1006);
};

describe('back-off', () => {
  it('doubles from 100 ms to 10 s, gives up after 10 retries, and says why', () => {
    const { waits, connectedAt, sockets, outcome } = play({}, refusing);
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
    expect(connectedAt).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 12_700, 22_700, 32_700, 42_700]);
    expect(sockets).toHaveLength(11);
    expect(outcome()).toBeInstanceOf(ConnectionError);
    expect(outcome()).toMatchObject({
      code: 'EVENKEEL_CONNECTION',
      url: 'ws://host/',
      attempts: 11,
      message: 'ws://host/: connect ECONNREFUSED (after 11 attempts)',
      cause: expect.objectContaining({ message: 'connect ECONNREFUSED' }),
    });
  });

  it('waits a random part of that', () => {
    const parts = [0, 0.5, 0.999, 0.25];
    const { waits } = play({ random: () => parts.shift()!, reconnect: { maxRetries: 4 } }, refusing);
    expect(waits).toEqual([0, 100, 399.6, 200]);
  });

  it.each([1.1, -0.1, Number.NaN, Infinity, '0.5', undefined])(
    'ends with an OptionError where random gives %s',
    (part) => {
      const { outcome, scheduler } = play({ random: () => part as number }, refusing);
      expect(outcome()).toMatchObject({ code: 'EVENKEEL_OPTION', option: 'random', value: part });
      expect(scheduler.now()).toBe(0);
    },
  );

  it('starts at the longest wait where that is less than the first would be', () => {
    expect(play({ reconnect: { maxDelayMs: 50, maxRetries: 2 } }, refusing).waits).toEqual([50, 50]);
  });

  it('takes its numbers from the options', () => {
    const reconnect = { initialDelayMs: 10, maxDelayMs: 80, factor: 3, maxRetries: 4 };
    expect(play({ reconnect }, refusing).waits).toEqual([10, 30, 80, 80]);
  });

  it('does not try again with reconnect false or maxRetries 0', () => {
    for (const reconnect of [false, { maxRetries: 0 }] as const) {
      const { sockets, outcome } = play({ reconnect }, refusing);
      expect(sockets).toHaveLength(1);
      expect(outcome()).toMatchObject({ code: 'EVENKEEL_CONNECTION', attempts: 1 });
    }
  });

  it('counts retries anew once a connection opens', () => {
    const { outcome, sockets } = play({ reconnect: { maxRetries: 3 } }, (socket, _at, index) => {
      if (index === 3) dropping(socket);
      else refusing(socket);
    });
    expect(sockets).toHaveLength(4 + 3);
    expect(outcome()).toMatchObject({ attempts: 4 });
  });

  it('is no hot loop where a server accepts and drops at once: waits grow all the same', () => {
    const { waits, connectedAt, outcome } = play({ reconnect: { maxRetries: 3 } }, dropping, 100_000);
    expect(waits.slice(0, 9)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(connectedAt.length).toBeLessThan(20);
    expect(outcome()).toBe('still going');
  });

  it('starts over at the first limit once a connection has brought a sample', () => {
    const { waits, samples } = play({}, (socket, _at, index) => {
      if (index > 5) return socket.end(1000);
      socket.open();
      if (index === 3) socket.message('7');
      socket.end(1006);
    });
    expect(waits).toEqual([100, 200, 400, 100, 200, 400]);
    expect(samples).toEqual([7]);
  });

  it('and once one has lasted as long as the longest wait', () => {
    const { waits } = play({ reconnect: { maxDelayMs: 1000 } }, (socket, at, index) => {
      if (index > 3) return socket.end(1000);
      socket.open();
      at.schedule(() => socket.end(1006), index === 2 ? 1000 : 999);
    });
    expect(waits).toEqual([100, 200, 100, 200]);
  });

  it('takes a connection that has fallen silent for lost, and makes it again', () => {
    const { samples, connectedAt, waits, statuses, sockets } = play(
      { idleTimeoutMs: 500 },
      (socket, at, index) => {
        if (index === 2) return socket.end(1000);
        socket.open();
        for (const time of [300, 700]) at.schedule(() => socket.message(String(time)), time);
      },
    );
    expect(samples).toEqual([300, 700, 300, 700]);
    expect(waits).toEqual([100, 100]);
    expect(connectedAt).toEqual([0, 1300, 2600]); // 700 + 500 of silence, and 100 of waiting
    expect(statuses.find(({ state }) => state === 'waiting')).toMatchObject({
      reason: 'nothing came for 500 ms',
    });
    expect(sockets.slice(0, 2).map((socket) => socket.closedWith)).toEqual([1000, 1000]);
  });

  it('gives up on a connection that does not open in time', () => {
    const { sockets, connectedAt, outcome } = play(
      { connectTimeoutMs: 500, reconnect: { maxRetries: 1 } },
      () => {},
    );
    expect(connectedAt).toEqual([0, 600]);
    expect(sockets.map((socket) => socket.closedWith)).toEqual([1000, 1000]);
    expect(outcome()).toMatchObject({ message: 'ws://host/: did not open within 500 ms (after 2 attempts)' });
  });

  it('after 10 s by default', () => {
    const { outcome, scheduler } = play({ reconnect: false }, () => {});
    expect(scheduler.now()).toBe(10_000);
    expect(outcome()).toMatchObject({ message: expect.stringContaining('did not open within 10000 ms') });
  });

  it('and only on such a one', () => {
    const { sockets, outcome } = play({ connectTimeoutMs: 500 }, (socket) => socket.open());
    expect(sockets).toHaveLength(1);
    expect(outcome()).toBe('still going');
  });

  it('tells of every change of state', () => {
    const { statuses } = play({}, (socket, _at, index) => {
      if (index === 0) return refusing(socket);
      socket.open();
      socket.end(index === 1 ? 1012 : 1000, 'restart');
    });
    expect(statuses).toEqual([
      { state: 'connecting', attempt: 1 },
      { state: 'waiting', attempt: 2, delayMs: 100, reason: 'connect ECONNREFUSED' },
      { state: 'connecting', attempt: 2 },
      { state: 'open', attempt: 2 },
      { state: 'waiting', attempt: 2, delayMs: 200, reason: 'closed with code 1012 (restart)' },
      { state: 'connecting', attempt: 2 },
      { state: 'open', attempt: 2 },
    ]);
  });

  it.each([
    [1000, 'complete', 1],
    [1008, expect.objectContaining({ code: 'EVENKEEL_CONNECTION', attempts: 1 }), 1],
    [1001, 'complete', 2],
    [1005, 'complete', 2],
    [1006, 'complete', 2],
    [1011, 'complete', 2],
    [1013, 'complete', 2],
    [4000, 'complete', 2],
  ])('close code %i: %s after %i connections', (code, end, connections) => {
    const { outcome, sockets } = play({}, (socket, _at, index) => {
      socket.open();
      socket.end(index === 0 ? code : 1000);
    });
    expect(outcome()).toEqual(end);
    expect(sockets).toHaveLength(connections);
  });

  it.each([
    [401, 1],
    [403, 1],
    [404, 3],
    [503, 3],
  ])('HTTP status %i: %i attempts', (status, attempts) => {
    const { outcome } = play({ reconnect: { maxRetries: 2 } }, (socket) => {
      socket.refusedWith = status;
      socket.end(1006, '', new Error('closed before it was established'));
    });
    expect(outcome()).toMatchObject({ attempts, message: expect.stringContaining(`HTTP status ${status}`) });
  });

  it('leaves no timer and no socket after unsubscribe, at any stage', () => {
    const stages: [string, (socket: FakeWebSocket) => void][] = [
      ['connecting', () => {}],
      ['open', (socket) => socket.open()],
      ['waiting', refusing],
    ];
    for (const [stage, script] of stages) {
      const { subscription, scheduler, sockets, outcome, statuses } = play(
        { connectTimeoutMs: 60_000 },
        script,
        50,
      );
      expect(statuses.at(-1)?.state).toBe(stage);
      subscription.unsubscribe();
      expect(sockets.map((socket) => socket.closedWith)).toEqual([1000]);
      expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
      sockets[0]!.end(1006, '', new Error('WebSocket was closed before the connection was established'));
      expect(outcome()).toBe('still going');
      expect(sockets).toHaveLength(1);
    }
  });

  it('is state of the subscription: two count for themselves', () => {
    const { WebSocket, sockets } = fakeWebSockets();
    const source = fromWebSocket('ws://host/', {
      WebSocket,
      scheduler: asapScheduler,
      reconnect: { maxRetries: 1 },
    });
    const [a, b] = [source.subscribe({ error: () => {} }), source.subscribe({ error: () => {} })];
    expect(sockets).toHaveLength(2);
    a.unsubscribe();
    expect(sockets.map((socket) => socket.closedWith)).toEqual([1000, undefined]);
    b.unsubscribe();
  });

  it('the back-off, too: another subscription starts at the first wait, with all its retries', () => {
    const scheduler = new VirtualTimeScheduler();
    const waits: number[] = [];
    const source = fromWebSocket('ws://host/', {
      scheduler,
      WebSocket: fakeWebSockets((socket) => scheduler.schedule(() => refusing(socket), 0)).WebSocket,
      random: () => 1,
      reconnect: { maxRetries: 2 },
      onStatus: (status) => {
        if (status.state === 'waiting') waits.push(status.delayMs);
      },
    });
    const attempts: number[] = [];
    for (let i = 0; i < 2; i++)
      source.subscribe({ error: (error: ConnectionError) => attempts.push(error.attempts) });
    scheduler.flush();
    expect(waits).toEqual([100, 100, 200, 200]);
    expect(attempts).toEqual([3, 3]);
  });

  it('a constructor that throws, or a callback that does, is an error notification', () => {
    const Throwing = class {
      constructor() {
        throw new SyntaxError('not from https');
      }
    } as never;
    expect(play({ WebSocket: Throwing }, refusing).outcome()).toMatchObject({
      code: 'EVENKEEL_CONNECTION',
      attempts: 1,
    });
    for (const state of ['connecting', 'open', 'waiting']) {
      const onStatus = (status: WebSocketStatus): void => {
        if (status.state === state) throw new Error(`mine, ${state}`);
      };
      expect(play({ onStatus }, dropping).outcome()).toEqual(new Error(`mine, ${state}`));
    }
  });

  it.each([
    ['initialDelayMs', 0],
    ['initialDelayMs', 10_001],
    ['initialDelayMs', null],
    ['maxDelayMs', -1],
    ['factor', 0.5],
    ['maxRetries', 1.5],
    ['maxRetries', Number.NaN],
    ['retries', 1],
  ])('refuses reconnect.%s %s', (name, value) => {
    expect(() => fromWebSocket('ws://host/', { reconnect: { [name]: value } })).toThrow(OptionError);
    expect(() => fromWebSocket('ws://host/', { reconnect: { [name]: value } })).toThrow(`reconnect.${name}`);
  });
});
