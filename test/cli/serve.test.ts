/** The sink that serves a WebSocket, at a gateway whose counters the test sets. */

import { BatchNorm, type Tensor, tensor } from 'evenkeel';
import type { GatewayCounters, WebSocketGateway } from 'evenkeel/ws';
import { NEVER, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Served } from '../../src/cli/sinks/serve.js';
import type { Step } from '../../src/cli/sinks/sink.js';

function served(counters: Partial<GatewayCounters> = {}) {
  const sent: unknown[] = [];
  const codes: unknown[] = [];
  const now = {
    ...{ clients: 1, received: 0, invalid: 0, sent: 0, delivered: 0, dropped: 0, queued: 0 },
    ...counters,
  };
  const gateway: WebSocketGateway = {
    url: 'ws://127.0.0.1:1/',
    samples$: NEVER,
    counters: now,
    closed: false,
    broadcast: () => tap((value) => sent.push(value)),
    close: async (code) => void codes.push(code),
  };
  return { sink: new Served(gateway, () => {}), now, sent: sent as Tensor[], codes };
}

function stepOf(rows: number, width: number): Step {
  const values = Float64Array.from({ length: rows * width }, (_, i) => i);
  return {
    number: 1,
    late: 0,
    normalized: { ...tensor(values, [rows, width]), samples: [] },
    normalizer: new BatchNorm(width),
    learned: { features: [], normalizer: new BatchNorm(width) },
  };
}

describe('a served WebSocket', () => {
  test('has room while somebody is there, and all is taken', async () => {
    expect(served().sink.ready()).toBeUndefined();
    for (const [before, after] of [
      [{ clients: 0 }, { clients: 1 }],
      [{ queued: 1 }, { queued: 0 }],
    ]) {
      const { sink, now } = served(before);
      const room = sink.ready();
      expect(room).toBeInstanceOf(Promise);
      Object.assign(now, after);
      await room;
      expect(sink.ready()).toBeUndefined();
    }
  });

  test('tells what was dropped', () => {
    expect(served({ dropped: 3 }).sink.dropped()).toBe(3);
  });

  test.each([
    [32, 4, [32]],
    [70_000, 1, [32_768, 32_768, 4464]],
    [5, 15_000, [2, 2, 1]],
    [2, 40_000, [1, 1]],
  ])('sends %i rows of %i as messages of whole rows that any client takes', (rows, width, expected) => {
    const { sink, sent } = served();
    const step = stepOf(rows, width);
    sink.step(step);
    expect(sent.map(({ shape }) => shape)).toEqual(expected.map((count) => [count, width]));
    expect(sent.flatMap(({ data }) => [...data])).toEqual([...step.normalized.data]);
  });

  test('says at the end whether that was all', async () => {
    const { sink, codes } = served();
    await sink.close(true);
    await sink.close(false);
    expect(codes).toEqual([1000, 1001]);
  });
});
