/**
 * The heap while 10 million rows pass: row → minibatch → batch norm → tensor.
 * Run: node --expose-gc --import tsx bench/memory.ts [rows]
 */
import { BatchNorm, batchNorm, minibatch } from 'evenkeel';
import { Observable } from 'rxjs';
import { heap } from './heap.js';
import { quartiles } from './quartiles.js';

const rows = Number(process.argv[2] ?? 10_000_000);
const steps = 10;
const bn = new BatchNorm(8);

const source = new Observable<number[]>((out) => {
  for (let i = 0; i < rows && !out.closed; i++) {
    out.next(Array.from({ length: 8 }, (_, feature) => feature * 1e6 + Math.sin(i * (feature + 1))));
    if ((i + 1) % (rows / steps) === 0) report(i + 1);
  }
  out.complete();
});

const start = performance.now();
const readings: number[] = [];
function report(count: number): void {
  readings.push(heap());
  const seconds = (performance.now() - start) / 1000;
  const mib = (readings.at(-1)! / 2 ** 20).toFixed(2);
  console.log(`${String(count).padStart(11)} rows  heap ${mib.padStart(6)} MiB  ${seconds.toFixed(1)} s`);
}

source.pipe(minibatch({ size: 64 }), batchNorm(bn)).subscribe();
const [early, late] = [
  quartiles(readings.slice(0, steps / 2)).median,
  quartiles(readings.slice(steps / 2)).median,
];
console.log(`median heap, second half over first half of the run: ${(late / early).toFixed(3)}`);
console.log(`${bn.batches} batches learned, mean of feature 7: ${bn.runningMean[7]}`);
