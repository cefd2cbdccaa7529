/** However arrays are taken and given back: none is out twice, and none is made while one waits. */
import { fc, test } from '@fast-check/vitest';
import { type FloatArray, TensorPool } from 'evenkeel';
import { expect } from 'vitest';

const shapes = fc.record({
  dtype: fc.constantFrom('float32', 'float64'),
  length: fc.integer({ min: 1, max: 3 }),
});
const steps = fc.array(fc.oneof(shapes, fc.record({ give: fc.nat(20) })), { maxLength: 60 });

test.prop([steps, fc.integer({ min: 1, max: 4 })])(
  'it is a bag of free arrays, the oldest let go',
  (steps, most) => {
    const pool = new TensorPool({ most });
    const out: FloatArray[] = [];
    const waiting: FloatArray[] = []; // what should
    for (const step of steps) {
      if ('give' in step) {
        const [data] = out.splice(step.give % (out.length || 1), 1);
        if (data === undefined) continue;
        pool.give({ data });
        waiting.push(data);
        if (waiting.length > most) waiting.shift();
        continue;
      }
      const { dtype, length } = step;
      const data = pool.take(dtype, length);
      expect([data.length, data instanceof Float32Array]).toEqual([length, dtype === 'float32']);
      expect(out.map((other) => other.buffer)).not.toContain(data.buffer);
      const fits = waiting.findLastIndex(
        (other) => other.length === length && other.constructor === data.constructor,
      );
      if (fits < 0) expect(data).toEqual(new (data.constructor as Float64ArrayConstructor)(length));
      else expect(waiting.splice(fits, 1)[0]).toBe(data);
      data.fill(1);
      out.push(data);
    }
  },
);
