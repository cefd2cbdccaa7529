/** Features from a WebSocket, normalized right before a model. */
import { BatchNorm, batchNorm, minibatch } from 'evenkeel';
import { fromWebSocket, serveWebSocket } from 'evenkeel/ws';
import { interval, lastValueFrom, map, take, tap, toArray } from 'rxjs';

interface Trade {
  readonly price: number;
  readonly volume: number;
}

/** Takes what the constructors of onnxruntime's and tfjs's tensors take; answers with a score a row. */
class StandInModel {
  run(type: 'float32', data: Float32Array, dims: readonly number[]): number[] {
    if (type !== 'float32' || !(data instanceof Float32Array)) throw new TypeError('a model of float32');
    const [rows = 0, features = 0] = dims;
    return Array.from({ length: rows }, (_, i) =>
      data.subarray(i * features, (i + 1) * features).reduce((a, b) => a + b),
    );
  }
}

// A feed, as an exchange would serve it: one JSON object a trade.
const feed = await serveWebSocket();
const trades = interval(2).pipe(map((i) => ({ price: 32_000 + Math.sin(i / 5), volume: 1 + (i % 7) })));
const feeding = trades.pipe(feed.broadcast()).subscribe();

const model = new StandInModel();
const bn = new BatchNorm(2, { running: { halfLifeRows: 1000 } }); // kept through reconnects
const scores = await lastValueFrom(
  fromWebSocket<Trade>(feed.url).pipe(
    minibatch({ size: 32, maxWaitMs: 1000, features: ['price', 'volume'] }),
    batchNorm(bn),
    // new ort.Tensor('float32', y.data, y.shape) and tf.tensor(y.data, [...y.shape]) take the same
    map((y) => model.run('float32', y.data as Float32Array, y.shape)),
    take(3),
    tap((batch) => console.log(`${batch.length} scores, the last ${batch.at(-1)?.toFixed(3)}`)),
    toArray(),
  ),
);
console.log(`${scores.flat().length} trades scored; price ${bn.runningMean[0]?.toFixed(1)} on average`);

feeding.unsubscribe();
await feed.close();
