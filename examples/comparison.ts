/**
 * One live stream of tensors `[N, C, L]` through four norms: which values share a statistic, and which norms learn. All of
 * it is measured. With a path, the picture is written there: npx tsx examples/comparison.ts docs/norms.svg
 */
import { writeFileSync } from 'node:fs';
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, minibatch, normalize, tensor } from 'evenkeel';
import { bufferCount, connect, interval, lastValueFrom, map, take, zip } from 'rxjs';
import { pictureOf } from './comparison/picture.js';
import { oneFor, placeOf, type Sharing, sharingOf, takenOver } from './comparison/sharing.js';

const [N, C, L] = [3, 4, 5];
const precise = { dtype: 'float64' } as const;
const norms = {
  batch: () => new BatchNorm(C, precise),
  layer: () => new LayerNorm([C, L], precise),
  instance: () => new InstanceNorm(C, precise),
  group: () => new GroupNorm(2, C, precise),
  'instance, tracked': () => new InstanceNorm(C, { trackRunningStats: true, ...precise }),
};

// Four channels: °C, % of humidity, and two of hPa. A sample is a window of L readings, one after the other.
const reading = (i: number): number[] => [
  20 + 5 * Math.sin(i / 9),
  60 + 20 * Math.cos(i / 7),
  1013 + 8 * Math.sin(i / 50),
  996 + 8 * Math.sin(i / 50 + 1) + Math.sin(i * i),
];
const windows = interval(1).pipe(map(reading), bufferCount(L));
const tensors = windows.pipe(
  minibatch({
    size: N,
    features: (rows) => Array.from({ length: C * L }, (_, at) => rows[at % L]![Math.floor(at / L)]!),
  }),
  map(({ data }) => tensor(data, [N, C, L])),
  take(20),
);

// Each tensor goes through every norm, as it comes.
const compared = Object.entries(norms).map(([name, make]) => ({ name, make, norm: make() }));
const everyNorm = compared.map(({ norm }) => normalize(norm));
const last = await lastValueFrom(
  tensors.pipe(connect((live) => zip(live, ...everyNorm.map((through) => live.pipe(through))))),
);
const [x, ...outputs] = last;

const measured = compared.map(({ name, make, norm }, i) => {
  const [learned, fresh] = [norm.infer(x).data, make().infer(x).data];
  const learns = learned.some((value, at) => value !== fresh[at]);
  return { name, sharing: sharingOf(make, x), learns, y: outputs[i]!.data };
});

/** A row a sample, a column a channel; values of one statistic have one letter. */
function printGrid(name: string, { statistic }: Sharing): void {
  console.log(`\n${name.padEnd(10)}${Array.from({ length: C }, (_, c) => `C${c}`.padEnd(L + 2)).join('')}`);
  for (let n = 0; n < N; n++) {
    const letters = statistic.map((i, at) => {
      const [row, c, l] = placeOf(at, [N, C, L]);
      return row === n ? `${c > 0 && l === 0 ? '  ' : ''}${String.fromCharCode(97 + i)}` : '';
    });
    console.log(`  N${n}      ${letters.join('')}`);
  }
}

console.log(`Change one value of [${N}, ${C}, ${L}]: those change that share its statistic, and its letter.`);
const four = measured.slice(0, 4);
for (const { name, sharing } of four) printGrid(name, sharing);

const row = (...[name, one, over, learns, became]: string[]): void =>
  console.log(
    `${name!.padEnd(19)}${one!.padEnd(31)}${over!.padEnd(9)}${learns!.padEnd(25)}${became!.padStart(26)}`,
  );
console.log();
row('norm', 'one statistic a', 'over', 'learns running ones', 'the last reading became');
for (const { name, sharing, learns, y } of measured) {
  const became = Array.from({ length: C }, (_, c) => y[(N * C - C + c + 1) * L - 1]!.toFixed(1).padStart(6));
  row(name, oneFor(sharing), takenOver(sharing), learns ? 'yes' : 'no', became.join(''));
}

const path = process.argv[2];
if (path !== undefined) writeFileSync(path, pictureOf(four));
