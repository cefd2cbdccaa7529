/**
 * What each way of keeping running statistics says of the sd of a signal that is slow beside the batches: a sine of
 * 10,000 rows with a little noise, in batches of 50. Run: npm run bench:running
 */
import { BatchNorm, type RunningMode, tensor } from 'evenkeel';
import { uniform } from '../test/oracle/hard-data.js';

const [period, size, periods] = [10_000, 50, 20];
const noise = uniform(1);
const signal = Float64Array.from(
  { length: periods * period },
  (_, row) => Math.sin((2 * Math.PI * row) / period) + 0.2 * (noise() - 0.5),
);
const whole = new BatchNorm(1);
whole.forward(tensor(signal, [signal.length, 1]));
const sd = Math.sqrt(whole.runningVariance[0]!);

const modes: RunningMode[] = ['pooled', { halfLifeRows: 20_000 }, 'average', { momentum: 0.1 }];
console.log(`sd of all rows: ${sd.toFixed(4)}`);
for (const running of modes) {
  const bn = new BatchNorm(1, { running });
  for (let row = 0; row < signal.length; row += size)
    bn.forward(tensor(signal.subarray(row, row + size), [size, 1]));
  const learned = Math.sqrt(bn.runningVariance[0]!);
  console.log(
    `${JSON.stringify(running).padEnd(24)} ${learned.toFixed(4)}, ${(learned / sd).toFixed(3)} of it`,
  );
}
