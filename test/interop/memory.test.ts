import { FormatError } from 'evenkeel';
import { fromKeras, fromOnnx, fromPyTorch } from 'evenkeel/interop';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** What is claimed here, and what no array is made for. */
const CLAIMED = 2 ** 26;

beforeEach(() => {
  vi.stubGlobal(
    'Float64Array',
    new Proxy(Float64Array, {
      construct(target, args, self) {
        if (args[0] >= CLAIMED) throw new Error('memory was taken for a claim');
        return Reflect.construct(target, args, self);
      },
    }),
  );
});
afterEach(() => void vi.unstubAllGlobals());

test('the stub sees it', () => {
  expect(() => new Float64Array(CLAIMED)).toThrow('memory was taken');
});

const claim = { data: [1, 2], shape: [CLAIMED] };
test.each<[string, () => unknown]>([
  ['ONNX', () => fromOnnx({ opType: 'LayerNormalization', inputs: { Scale: claim } })],
  ['Keras', () => fromKeras({ class_name: 'GroupNormalization', config: {}, weights: [claim, claim] })],
  [
    'PyTorch',
    () => {
      const weight = { dtype: 'F64', shape: [CLAIMED], data: Float64Array.of(1, 2) } as const;
      return fromPyTorch({ module: 'LayerNorm', stateDict: { weight } });
    },
  ],
])('%s: a size that the data has not is refused before there is an array of it', (_, read) => {
  expect(read).toThrow(FormatError);
});
