/** When the state is written, whatever the time a write takes. */
import { BatchNorm } from 'evenkeel';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Failure } from '../../src/cli/exit-codes.js';
import type { Learned } from '../../src/cli/learned.js';
import { Saver } from '../../src/cli/saver.js';

const learned = (name: string): Learned => ({ features: [name], normalizer: new BatchNorm(1) });

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A saver whose writes end when the test says so. */
function held() {
  const written: string[] = [];
  const ends: { done: () => void; fail: (why: Failure) => void }[] = [];
  const turned = vi.fn<(failure: Failure | undefined) => void>();
  const write = ({ features }: Learned): Promise<void> => {
    written.push(features[0]!);
    return new Promise((done, fail) => ends.push({ done, fail }));
  };
  return { saver: new Saver(write, turned), written, ends, turned };
}

test('what is learned is written a second later, once', async () => {
  const { saver, written, ends } = held();
  saver.changed(learned('first'));
  await vi.advanceTimersByTimeAsync(999);
  saver.changed(learned('second'));
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual(['second']);
  ends[0]!.done();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(written).toEqual(['second']);
});

test('what is learned during a write is written by the next one, never by two at once', async () => {
  const { saver, written, ends } = held();
  saver.changed(learned('first'));
  await vi.advanceTimersByTimeAsync(1000);
  saver.changed(learned('second'));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(written).toEqual(['first']);
  ends[0]!.done();
  await vi.advanceTimersByTimeAsync(1000); // and nothing comes any more
  expect(written).toEqual(['first', 'second']);
});

test('the end waits for the write under way, writes the last state and leaves no timer', async () => {
  const { saver, written, ends } = held();
  saver.changed(learned('first'));
  await vi.advanceTimersByTimeAsync(1000);
  saver.changed(learned('second'));
  const end = saver.end();
  await vi.advanceTimersByTimeAsync(5000);
  expect(written).toEqual(['first']);
  ends[0]!.done();
  await vi.advanceTimersByTimeAsync(0);
  expect(written).toEqual(['first', 'second']);
  expect(vi.getTimerCount()).toBe(0);
  ends[1]!.done();
  expect(await end).toBe(true);
});

test('nothing learned, nothing written', async () => {
  const { saver, written } = held();
  expect(await saver.end()).toBe(false);
  expect(written).toEqual([]);
});

test('a write that fails is tried again a second later; that is told once, and so is that it is over', async () => {
  const { saver, written, ends, turned } = held();
  const full = new Failure(74, 'full');
  saver.changed(learned('first')); // and then nothing more comes
  for (const attempt of [0, 1, 2]) {
    await vi.advanceTimersByTimeAsync(999);
    expect(written).toHaveLength(attempt);
    await vi.advanceTimersByTimeAsync(1);
    ends[attempt]!.fail(full);
    await vi.advanceTimersByTimeAsync(0);
    expect([turned.mock.calls, saver.failure]).toEqual([[[full]], full]);
  }
  saver.changed(learned('second'));
  await vi.advanceTimersByTimeAsync(1000);
  ends[3]!.done();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(written).toEqual(['first', 'first', 'first', 'second']);
  expect([turned.mock.calls, saver.failure]).toEqual([[[full], [undefined]], undefined]);
  saver.changed(learned('third'));
  await vi.advanceTimersByTimeAsync(1000);
  ends[4]!.fail(full);
  await vi.advanceTimersByTimeAsync(0);
  expect(turned.mock.calls).toEqual([[full], [undefined], [full]]);
});

test('what the end cannot write is an error, whatever was told before; it leaves no timer', async () => {
  const { saver, ends } = held();
  const full = new Failure(74, 'full');
  saver.changed(learned('first'));
  await vi.advanceTimersByTimeAsync(1000);
  ends[0]!.fail(full);
  await vi.advanceTimersByTimeAsync(0);
  const end = saver.end();
  await vi.advanceTimersByTimeAsync(0);
  ends[1]!.fail(full);
  await expect(end).rejects.toBe(full);
  expect(vi.getTimerCount()).toBe(0);
});
