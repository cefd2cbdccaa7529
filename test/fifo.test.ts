import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Fifo } from '../src/fifo.js';

describe('Fifo', () => {
  it.prop([fc.array(fc.constantFrom('push', 'push', 'shift', 'clear'), { maxLength: 200 })])(
    'is an array of which only push, shift and length are used',
    (steps) => {
      const fifo = new Fifo<number>();
      const array: number[] = [];
      for (const [i, step] of steps.entries()) {
        if (step === 'push') {
          fifo.push(i);
          array.push(i);
        } else if (step === 'shift') {
          expect(fifo.shift()).toBe(array.shift());
        } else {
          fifo.clear();
          array.length = 0;
        }
        expect(fifo.length).toBe(array.length);
      }
    },
  );

  it('takes out two millions, for which the shift of an array would need minutes', () => {
    const fifo = new Fifo<number>();
    for (let i = 0; i < 2e6; i++) fifo.push(i);
    for (let i = 0; i < 2e6; i++) if (fifo.shift() !== i) throw new Error(`${i} is not in its place`);
    expect(fifo.length).toBe(0);
  });
});
