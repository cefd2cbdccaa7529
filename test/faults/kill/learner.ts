/** Learns a stream of so many batches, saving as it goes; begun again, it goes on. Arguments: the file, batches. */
import { BatchNorm, batchNorm, checkpoint, minibatch, restore } from 'evenkeel';
import { FileStore } from 'evenkeel/file';
import { concatMap, from, lastValueFrom, range, timer } from 'rxjs';
import { ROWS, rowsOf } from './rows.js';

const [path = '', batches = ''] = process.argv.slice(2);
const store = new FileStore(path);
const restored = await restore(store, BatchNorm.fromJSON);
const bn = restored?.normalizer ?? new BatchNorm(2);
const position = (restored?.position ?? 0) as number;
const tell = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
tell({ position, learned: bn.batches, damaged: restored?.damaged.length ?? 0 });

await lastValueFrom(
  range(position, Number(batches) - position).pipe(
    concatMap((batch) => timer(0).pipe(concatMap(() => from(rowsOf(batch))))),
    minibatch({ size: ROWS, features: ({ values }) => values }),
    batchNorm(bn),
    checkpoint(bn, store, { everyBatches: 2, position: ({ samples }) => samples.at(-1)!.batch + 1 }),
  ),
  { defaultValue: undefined },
);
tell({ state: bn });
