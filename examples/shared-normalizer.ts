/** Two sources merged; one normalizer that learns in one branch and, at the same time, normalizes in the other. */
import { BatchNorm, batchNorm, minibatch, unbatch } from 'evenkeel';
import { filter, interval, lastValueFrom, map, merge, share, take, toArray } from 'rxjs';

interface Reading {
  readonly from: string;
  readonly celsius: number;
}

const thermometer = (from: string, periodMs: number, mean: number) =>
  interval(periodMs).pipe(map((i): Reading => ({ from, celsius: mean + Math.sin(i) })));

const readings = merge(thermometer('indoors', 2, 21), thermometer('outdoors', 3, 5)).pipe(take(200), share());
const bn = new BatchNorm(1);

// Learns from everything, in batches of 20.
const learning = readings.pipe(minibatch({ size: 20, features: ['celsius'] }), batchNorm(bn));

// Meanwhile each outdoor reading is normalized at once, with whatever has been learned by then.
const scored = readings.pipe(
  filter(({ from }) => from === 'outdoors'),
  minibatch({ size: 1, features: ['celsius'] }),
  batchNorm(bn, { mode: 'eval' }),
  unbatch(),
  toArray(),
);

const learned = lastValueFrom(learning);
const rows = await lastValueFrom(scored);
await learned;
const { sample, data } = rows.at(-1)!;
console.log(`${bn.batches} batches learned, ${rows.length} outdoor readings scored`);
console.log(`the last one: ${sample.celsius.toFixed(2)} °C, ${data[0]!.toFixed(2)} sd from the mean of both`);
