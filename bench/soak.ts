/**
 * Ten minutes of what live data does: bursts and lulls, rows out of order and late, keys that come and go, connections that
 * are closed or cut, a consumer that throws. Shows that the heap stays flat, and that no row is lost or counted twice.
 * Run: npm run bench:soak [minutes]
 */
import {
  BatchNorm,
  batchNorm,
  checkpoint,
  eventTimeWindow,
  KeyedNormalizers,
  MemoryStore,
  normalizeBy,
  reorder,
  restore,
  StandardScaler,
} from 'evenkeel';
import { fromWebSocket } from 'evenkeel/ws';
import { connect, interval, map, merge, retry, Subject, share, takeUntil, tap } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { heap } from './heap.js';
import { quartiles } from './quartiles.js';

const minutes = Number(process.argv[2] ?? 10);
const KEYS = 2000;
const AT_A_TIME = 100;
const IN_HAND = 50;

interface Reading {
  /** Of its connection. */
  readonly connection: number;
  readonly seq: number;
  readonly key: string;
  readonly at: number;
  readonly value: number;
}

const between = (least: number, most: number): number => least + Math.random() * (most - least);

/** Sends bursts, and ends its connections after a while: in order, or not. */
class Producer {
  readonly #server = new WebSocketServer({ port: 0 });
  /** Sent, by connection. */
  readonly sent: number[] = [];
  cut = 0;
  closed = 0;
  #first = 0;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor() {
    this.#server.on('connection', (socket) => {
      const connection = this.sent.push(0) - 1;
      this.#burst(socket, connection);
      this.#later(between(500, 3000), () => {
        if (Math.random() < 0.5) {
          this.closed++;
          socket.close();
        } else {
          this.cut++;
          socket.terminate();
        }
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  #burst(socket: WebSocket, connection: number): void {
    if (socket.readyState !== socket.OPEN) return;
    const rows = Math.random() < 0.05 ? 1000 : Math.floor(between(1, 20));
    this.#first = (this.#first + 1) % KEYS; // keys come and go
    const readings = Array.from({ length: rows }, (): Reading => {
      const key = Math.floor(this.#first + between(0, AT_A_TIME)) % KEYS;
      return {
        connection,
        seq: this.sent[connection]!++,
        key: `sensor ${key}`,
        at: Date.now() - between(0, Math.random() < 0.01 ? 2000 : 100), // some of them late
        value: 1e6 * key + between(-1, 1),
      };
    });
    socket.send(JSON.stringify(readings));
    this.#later(between(0, 40), () => this.#burst(socket, connection));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const producer = new Producer();
const end$ = new Subject<void>();
const received: number[] = [];
let gaps = 0;
let failures = 0;
let consumed = 0;

// What is learned outlives every failure, as instances do.
const states = new Map<unknown, string>();
const store = {
  get: async (key: unknown) => JSON.parse(states.get(key) ?? 'null'),
  set: async (key: unknown, state: unknown) => void states.set(key, JSON.stringify(state)),
};
const keyed = new KeyedNormalizers({ maxKeys: IN_HAND, idleMs: 1000, maxWaiting: 10_000, store });
const bn = new BatchNorm(1);
const checkpoints = new MemoryStore();

const ordered = reorder<Reading>({ timestamp: 'at', latenessMs: 200, idleMs: 500 });
const windows = eventTimeWindow<Reading>({ timestamp: 'at', features: ['value'], sizeMs: 250 });
const perKey = normalizeBy<Reading, StandardScaler>('key', keyed, { features: ['value'] });
const learned = batchNorm<{ data: Float64Array; shape: number[] }>(bn);
const saving = checkpoint<object>(bn, checkpoints, { everyMs: 100, position: () => bn.batches });

const source$ = fromWebSocket<Reading>(producer.url, {
  reconnect: { initialDelayMs: 5, maxDelayMs: 50 },
}).pipe(
  tap(({ connection, seq }) => {
    gaps += Number(seq !== (received[connection] ?? 0));
    received[connection] = (received[connection] ?? 0) + 1;
  }),
  share(),
);

/** Fails now and then, as models do. */
function consume(): void {
  if (++consumed % 50 > 0) return;
  failures++;
  throw new Error('the consumer failed');
}

const pipeline$ = source$.pipe(
  ordered,
  connect((rows$) =>
    merge(
      rows$.pipe(perKey),
      rows$.pipe(
        windows,
        map((window) => window as never),
        learned,
        saving,
        tap(consume),
      ),
    ),
  ),
  retry(),
  takeUntil(end$),
);

const readings: number[] = [];
const began = performance.now();
const watching = interval(Math.min(5000, (minutes * 60_000) / 24)).subscribe(() => {
  readings.push(heap());
  const minute = (performance.now() - began) / 60_000;
  const mib = (readings.at(-1)! / 2 ** 20).toFixed(2);
  console.log(
    `${minute.toFixed(2).padStart(6)} min  heap ${mib} MiB  ${ordered.stats.rows} rows  ${keyed.stats.keys} keys in hand`,
  );
  if (minute >= minutes) end$.next();
});

const checks: [what: string, is: number, expected: number][] = [];
pipeline$.subscribe({
  complete: async () => {
    watching.unsubscribe();
    await producer.close();
    await keyed.flush();
    await saving.flush();
    report();
    await restored();
    await closed();
    conclude();
  },
});

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function report(): void {
  const { rows, emitted, late, dropped, invalid, held } = ordered.stats;
  const taken = sum(received);
  console.log(
    `\n${producer.sent.length} connections, ${producer.closed} closed and ${producer.cut} cut by the producer`,
  );
  console.log(`${failures} failures of the consumer; sent ${sum(producer.sent)}, received ${taken}`);
  console.log('reorder:', ordered.stats, '\nwindows:', windows.stats, '\nkeys:', perKey.stats);
  console.log('checkpoints:', saving.stats);
  const w = windows.stats;
  const learnedByKey = [...states.values()].map((text) => StandardScaler.fromJSON(JSON.parse(text)));
  checks.push(
    ['rows of a connection that came out of turn', gaps, 0],
    ['rows received = rows put in order', rows, taken],
    ['rows = emitted + late + dropped + invalid', emitted + late + dropped + invalid + held, rows],
    [
      'rows in order = learned by key + dropped there',
      sum(learnedByKey.map((scaler) => scaler.rows)) + perKey.stats.dropped,
      emitted,
    ],
    [
      'rows by key = counts of their moments',
      sum(learnedByKey.map(({ moments }) => moments.count[0]!)),
      emitted - perKey.stats.dropped,
    ],
    ['rows in order = rows windowed', w.rows, emitted],
    ['rows windowed = in windows + late + dropped', w.emitted + w.late + w.dropped + w.held, w.rows],
    ['windows = batches learned', bn.batches, w.windows],
    ['means of the keys off by more than 1', learnedByKey.filter(isOff).length, 0],
  );
}

/** Values lie within 1 of the key's million. */
function isOff({ moments }: StandardScaler): boolean {
  const mean = moments.mean[0]!;
  return Math.abs(mean - 1e6 * Math.round(mean / 1e6)) > 1;
}

async function restored(): Promise<void> {
  const last = await restore(checkpoints, BatchNorm.fromJSON);
  const same = JSON.stringify(last?.normalizer) === JSON.stringify(bn);
  checks.push(['the last checkpoint is what was learned (0: yes)', Number(!same), 0]);
}

/** What is closed takes a moment to be gone. */
async function closed(): Promise<void> {
  const left = (): number =>
    process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name)).length;
  for (let moments = 0; left() > 0 && moments < 1000; moments++) await new Promise(setImmediate);
  checks.push(['timers and sockets left', left(), 0]);
}

function conclude(): void {
  for (const [what, is, expected] of checks)
    console.log(
      `${is === expected ? 'holds' : 'FAILS'}: ${what}: ${is}${is === expected ? '' : `, not ${expected}`}`,
    );
  // Every key was there by the end of the first quarter: what grows after that leaks.
  const quarter = Math.floor(readings.length / 4);
  const [early, late] = [readings.slice(quarter, 2 * quarter), readings.slice(-quarter)].map(
    (part) => quartiles(part).median,
  );
  const ratio = late! / early!;
  console.log(`median heap, last quarter over second: ${ratio.toFixed(3)}`);
  process.exitCode = checks.every(([, is, expected]) => is === expected) && ratio <= 1.1 ? 0 : 1;
}
