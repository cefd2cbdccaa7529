import { describe, expect, test } from 'vitest';
import { DriftMonitor, type DriftRuleOptions, Moments, tensor, WindowMoments } from '../../src/index.js';
import { thrownBy } from '../thrown-by.js';

const options: DriftRuleOptions = { reference: { rows: 4 }, size: 2, raise: { shift: 3 }, relearn: 3 };
const known = (mean: number): Moments => Moments.from({ count: 100, mean: [mean], variance: [1] });
function fed(values: readonly number[], given = options): DriftMonitor {
  const monitor = new DriftMonitor(1, given);
  for (const x of values) monitor.update([x]);
  return monitor;
}

test('learns its reference, compares, raises, learns anew, clears', () => {
  const monitor = fed([20, 22, 20, 22]);
  expect([monitor.reference.mean[0], monitor.recent.count[0], monitor.rows]).toEqual([21, 0, 4]);
  monitor.updateBatch(tensor([30, 32], [2, 1]));
  expect([monitor.alarmed, monitor.rows]).toEqual([[0], 6]);
  expect(monitor.reference.count[0]).toBe(0); // anew
  const [, , last] = [31, 30, 32].map((x) => monitor.update([x]));
  expect(last).toMatchObject({ alarmed: [], raised: [], cleared: [0] });
  expect(monitor.reference.mean[0]).toBe(31);
});

test('what is refused changes nothing', () => {
  const monitor = fed([20, 22, 20]);
  const before = JSON.stringify(monitor);
  expect(thrownBy(() => monitor.update([Infinity]))).toMatchObject({ code: 'EVENKEEL_NOT_FINITE' });
  expect(thrownBy(() => monitor.updateBatch(tensor([1, 2], [1, 2])))).toMatchObject({
    code: 'EVENKEEL_SHAPE',
  });
  expect(JSON.stringify(monitor)).toBe(before);
});

test('told to, it compares with another reference, or learns one', () => {
  const monitor = new DriftMonitor(1, { reference: known(0), size: 2 });
  for (const x of [5, 6]) monitor.update([x]);
  expect(monitor.alarmed).toEqual([0]);
  const live = known(5);
  monitor.compareWith(live);
  expect(monitor.update([5.5])).toMatchObject({ cleared: [0] });
  expect(monitor.reference).toBe(live);
  monitor.relearn(2);
  for (const x of [1, 3]) monitor.update([x]);
  expect([monitor.reference.mean[0], live.count[0], monitor.recent.count[0]]).toEqual([2, 100, 0]);
});

test.each<[() => unknown, string]>([
  [() => new DriftMonitor(0, options), 'channels'],
  [() => new DriftMonitor(1, { ...options, size: 0 }), 'size'],
  [() => new DriftMonitor(1, { ...options, sise: 3 } as never), 'options.sise'],
  [() => new DriftMonitor(2, { ...options, reference: known(0) }), 'reference'],
  [() => new DriftMonitor(1, { size: 2 } as never), 'reference'],
  [() => new DriftMonitor(1, null as never), 'options'],
  [() => fed([]).compareWith({ mean: [0] } as never), 'reference'],
  [() => fed([]).compareWith(new Moments(2)), 'reference'],
  [() => fed([]).relearn(0), 'rows'],
])('%# checked', (act, option) => {
  expect(thrownBy(act)).toMatchObject({ code: 'EVENKEEL_OPTION', option });
});

test('a reference that is a window’s is as it is by then', () => {
  const window = new WindowMoments(1, { size: 3 });
  for (const x of [1, 2, 3]) window.update([x]);
  const monitor = new DriftMonitor(1, { reference: window.moments, size: 2 });
  const before = monitor.update([2]).scores.shift[0];
  for (const x of [100, 101, 102]) window.update([x]);
  expect([before, monitor.update([2]).scores.shift[0]]).toEqual([0, -99]);
  expect(JSON.stringify(monitor.reference)).toBe(JSON.stringify(window.moments));
});

describe('saved', () => {
  test('what was saved is not what is gone by', () => {
    const monitor = fed([20, 22, 20, 22]);
    const json = monitor.toJSON() as { options: { raise: { shift: number } } };
    expect(() => {
      json.options.raise.shift = 99;
    }).toThrow(TypeError);
  });

  const saved = (): Record<string, unknown> => JSON.parse(JSON.stringify(fed([20, 22, 20, 22, 30, 32])));

  test('a reference that still learns is saved as it is', () => {
    const live = known(0);
    const monitor = new DriftMonitor(1, { reference: live, size: 2 });
    live.update([50]);
    const back = DriftMonitor.fromJSON(JSON.parse(JSON.stringify(monitor)));
    live.update([90]);
    expect([back.reference.count[0], monitor.reference.count[0]]).toEqual([101, 102]);
    back.compareWith(live);
    expect(back.update([1])).toEqual(monitor.update([1]));
  });

  test.each<[string, object, string]>([
    ['of another kind', { kind: 'Drift' }, 'kind'],
    ['of another version', { version: 2 }, 'DriftMonitor.version'],
    ['of other channels', { channels: 2 }, 'DriftMonitor.reference.channels'],
    ['an option left out', { options: { size: 2, stride: 1, raise: 5, relearn: 3 } }, 'DriftMonitor.options'],
    [
      'an option that cannot be',
      { options: { size: 2, stride: 1, raise: 'x', clear: 1 } },
      'DriftMonitor.options',
    ],
    ['another window', { options: { size: 4, stride: 1, raise: 5, clear: 1 } }, 'DriftMonitor.recent.span'],
    ['rows that cannot be', { rows: -1 }, 'DriftMonitor.rows'],
    ['rows to learn that cannot be', { toLearn: 0.5 }, 'DriftMonitor.toLearn'],
    ['alarms of no feature', { alarmed: [1] }, 'DriftMonitor.alarmed'],
    ['alarms twice', { alarmed: [0, 0] }, 'DriftMonitor.alarmed'],
    ['no alarms', { alarmed: 0 }, 'DriftMonitor.alarmed'],
  ])('%s: refused', (_, other, where) => {
    expect(thrownBy(() => DriftMonitor.fromJSON({ ...saved(), ...other }))).toMatchObject({
      code: 'EVENKEEL_STATE',
      message: expect.stringContaining(where),
    });
  });
});
