/** The worker in Python: what it is told and tells, where there is one. */
import { tensor } from 'evenkeel';
import { afterEach, describe, expect, test } from 'vitest';
import { type Module, startPython } from '../../bench/python.js';

const { PATH } = process.env;
afterEach(() => {
  process.env['PATH'] = PATH;
});

test('a module that no interpreter has is absent', async () => {
  const python = await startPython('no_such_module' as Module);
  expect(python.contender('a case', 'any', [])).toEqual({ absent: 'no_such_module' });
  python.stop();
});

test('so it is where there is no interpreter by that name', async () => {
  process.env['PATH'] = '/nowhere';
  const python = await startPython('no_such_module' as Module);
  expect(python.contender('a case', 'any', [])).toEqual({ absent: 'no_such_module' });
});

describe('numpy, where it is', async () => {
  const numpy = await startPython('numpy');
  const contender = (...data: number[]) =>
    numpy.contender('z-score', 'z_score', [tensor(Float64Array.from(data), [data.length / 2, 2])]);
  const here = 'absent' in contender(1, 1) ? test.skip : test;

  here('works on the numbers it was sent', async () => {
    const z = contender(1, 10, 3, 10, 5, 10);
    if ('absent' in z) return;
    expect(z.name).toMatch(/^numpy \d+\.\d+\.\d+ z-score$/);
    const sd = Math.sqrt(8 / 3 + 1e-5);
    const errors = Array.from(await z.result(), (value, i) => value - [-2 / sd, 0, 0, 0, 2 / sd, 0][i]!);
    expect(errors).toHaveLength(6);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-14);
  });

  here('times itself, and more takes longer', async () => {
    const z = contender(1, 10, 3, 10, 5, 10);
    if ('absent' in z) return;
    await z.run(1); // the first takes longest
    const [one, many] = [await z.run(1), await z.run(1000)];
    expect(one).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(one);
  });

  here('tells what went wrong', async () => {
    const none = numpy.contender('nothing', 'no_such_case', []);
    if ('absent' in none) return;
    await expect(async () => none.run(1)).rejects.toThrow(/^Python: AttributeError/);
    numpy.stop();
  });
});
