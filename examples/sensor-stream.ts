/** A sensor stream: this process's own event loop and memory, sampled every 5 ms, normalized in batches of 16 rows. */

import { performance } from 'node:perf_hooks';
import { batchNorm, minibatch } from 'evenkeel';
import { interval, lastValueFrom, map, take, tap } from 'rxjs';

const sample = () => {
  const { active, utilization } = performance.eventLoopUtilization();
  return { active, utilization, heap: process.memoryUsage().heapUsed };
};

await lastValueFrom(
  interval(5).pipe(
    map(sample),
    minibatch({ size: 16, maxWaitMs: 1000, features: ['active', 'utilization', 'heap'] }),
    batchNorm({ dtype: 'float64' }),
    take(4),
    tap(({ samples, moments, data }) => {
      console.log(
        `${samples.length} rows, heap ${moments.mean[2]} ± ${Math.sqrt(moments.variance()[2]!)} bytes`,
      );
      console.log(`  the last row, normalized: ${[...data.subarray(-3)].map((x) => x.toFixed(3)).join(' ')}`);
    }),
  ),
);
