/** A pipeline that survives a lost connection, an error of its own, and the end of its process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, BatchNorm, batchNorm, checkpoint, minibatch, restore, type Tensor } from 'evenkeel';
import { FileStore } from 'evenkeel/file';
import { fromWebSocket, serveWebSocket } from 'evenkeel/ws';
import { auditTime, combineLatest, interval, lastValueFrom, map, retry, take, timer } from 'rxjs';

interface Reading {
  readonly seq: number;
  readonly celsius: number;
}
const features = ['celsius'];

// A sensor, which goes on whoever listens, and what serves it.
let seq = 0;
const readings = interval(1).pipe(map((): Reading => ({ seq: ++seq, celsius: 20 + Math.sin(seq / 9) })));
const serve = async (port = 0) => {
  const gateway = await serveWebSocket({ port });
  const feeding = readings.pipe(gateway.broadcast()).subscribe();
  return { url: gateway.url, stop: () => Promise.all([feeding.unsubscribe(), gateway.close()]) };
};
let feed = await serve();

/** What goes wrong. */
async function killConnection(): Promise<void> {
  const { port } = new URL(feed.url);
  await feed.stop();
  feed = await serve(Number(port));
}
let calls = 0;
function model({ data }: Tensor): number {
  calls++;
  if (calls === 1) throw new Error('the model failed');
  if (calls === 5) killConnection();
  return Math.max(...data);
}

/** A life of the process: it begins where the one before has ended. */
async function live(store: FileStore, batches: number): Promise<void> {
  const restored = await restore(store, BatchNorm.fromJSON, { features });
  for (const { message } of restored?.damaged ?? []) console.log(`passed over: ${message}`);
  const bn = restored?.normalizer ?? new BatchNorm(1);
  console.log(`starts with ${bn.batches} batches, up to reading ${restored?.position ?? 0}`);

  const learning = batchNorm<Batch<Reading>>(bn); // an instance: it outlives the retry below
  const saving = checkpoint<Batch<Reading>>(bn, store, {
    everyMs: 20,
    features,
    position: ({ samples }) => samples.at(-1)!.seq,
    onError: ({ message }) => console.log(message), // a full disk, say: it goes on, and is tried again
  });
  const health = combineLatest([learning.stats$, saving.stats$])
    .pipe(auditTime(50))
    .subscribe(([{ version }, { unsaved }]) =>
      console.log(`health: ${version} learned, ${unsaved} not saved`),
    );

  await lastValueFrom(
    fromWebSocket<Reading>(feed.url, {
      reconnect: { initialDelayMs: 10 },
      onStatus: ({ state, attempt }) => console.log(`connection ${state}, attempt ${attempt}`),
    }).pipe(
      minibatch({ size: 16, maxWaitMs: 1000, features }),
      learning,
      saving, // right behind what learns
      map(model),
      retry({
        delay: ({ message }: Error, attempt) => {
          console.log(`${message}; again, with ${bn.batches} learned`);
          return timer(Math.min(10 * 2 ** attempt, 10_000));
        },
        resetOnSuccess: true,
      }),
      take(batches),
    ),
  );
  health.unsubscribe();
  await saving.flush(); // what was learned since the last save
  console.log(`stops with ${bn.batches} batches, ${saving.stats.failed} saves failed`);
}

const folder = await mkdtemp(join(tmpdir(), 'supervised-'));
const store = new FileStore(join(folder, 'learned'));
await live(store, 20);
await live(store, 3);
await feed.stop();
await rm(folder, { recursive: true });
