/** A WebSocket as a source: what it is called, and when it is given up. */
import { VirtualTimeScheduler } from 'rxjs';
import { expect, test } from 'vitest';
import { type Failure, failureOf } from '../../src/cli/exit-codes.js';
import { webSocketSource } from '../../src/cli/sources/web-socket.js';
import { type FakeWebSocket, fakeWebSockets } from '../adapters/ws/fake-web-socket.js';

/** All that comes of a source whose sockets do as told, in virtual time. */
function played(url: string, script: (socket: FakeWebSocket, index: number) => void) {
  const scheduler = new VirtualTimeScheduler();
  const { sockets, WebSocket } = fakeWebSockets((socket, index) =>
    scheduler.schedule(() => script(socket, index)),
  );
  const source = webSocketSource(url, { WebSocket, scheduler });
  const lost: string[] = [];
  source.lost$!.subscribe((reason) => lost.push(reason));
  let failure: Failure | undefined;
  source.samples$.subscribe({ error: (error: unknown) => (failure = failureOf(error)) });
  scheduler.flush();
  return { name: source.name, attempts: sockets.length, lost, failure };
}

const refuse = (socket: FakeWebSocket): void => socket.end(1006);

test('one that never opened is given up after five attempts', () => {
  const { attempts, failure, lost } = played('ws://host/path', refuse);
  expect(attempts).toBe(5);
  expect(failure).toMatchObject({
    exitCode: 69,
    message: 'ws://host/path: closed with code 1006 (after 5 attempts)',
  });
  expect(lost).toEqual([]);
});

test('one that was open is looked for longer: it may restart', () => {
  const { attempts, failure, lost } = played('ws://host/path', (socket, index) => {
    if (index === 0) socket.open();
    refuse(socket);
  });
  expect(attempts).toBe(11);
  expect(failure).toMatchObject({
    exitCode: 69,
    message: 'ws://host/path: closed with code 1006 (after 11 attempts)',
  });
  expect(lost).toEqual(['closed with code 1006']);
});

test.each([
  ['ws://host:8080/path', 'ws://host:8080/path'],
  ['wss://user:secret@host/', 'wss://host/'],
  ['ws://user@[::1]:8080', 'ws://[::1]:8080/'],
  ['ws://host/path?token=secret&x=1', 'ws://host/path?…'],
  ['ws://host/$&?secret', 'ws://host/$&?…'],
])('%s is shown as %s, also where it fails', (url, name) => {
  const never = played(url, refuse);
  expect([never.name, never.failure!.message]).toEqual([
    name,
    `${name}: closed with code 1006 (after 5 attempts)`,
  ]);
  const refused = played(url, (socket) => {
    socket.refusedWith = 401;
    refuse(socket);
  });
  expect(refused.failure).toMatchObject({
    exitCode: 69,
    message: `${name}: refused with HTTP status 401 (after 1 attempt)`,
  });
});
