import {
  ConnectionError,
  FrameError,
  NotInvertibleError,
  OptionError,
  OverflowError,
  SampleError,
  ShapeError,
  StateError,
  StoreError,
} from 'evenkeel';
import { describe, expect, test, vi } from 'vitest';

const called = vi.fn(() => {
  throw new Error('the value’s own code was run');
});
const trap = new Proxy({}, { get: () => called });
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}
const hostile: [string, unknown][] = [
  ['methods that throw', { toString: called, valueOf: called, toJSON: called, [Symbol.toPrimitive]: called }],
  ['a getter that throws', Object.defineProperty({}, 'length', { get: called })],
  ['a tag that throws', Object.defineProperty({}, Symbol.toStringTag, { get: called })],
  [
    'an array with methods of its own',
    Object.assign([1, 2], { slice: called, map: called, toString: called }),
  ],
  ['a proxy', new Proxy({}, trap)],
  ['a function', Object.assign(() => 0, { toString: called })],
  ['a class', class Evil {}],
  ['no prototype', Object.create(null)],
  ['a symbol', Symbol('s'.repeat(10_000))],
  ['a bigint', 10n ** 5000n],
  ['long text', 'x'.repeat(1e6)],
  ['a nested array', [[[[]]]]],
  ['a long array', Array(1e6).fill('y'.repeat(100))],
  ['a date', new Date(Number.NaN)],
];
const throwing: [string, unknown][] = [
  ['a proxy of an array that throws', new Proxy([1], { get: called })],
  ['an array whose element throws', Object.defineProperty([1, 2], 0, { get: called })],
  ['a revoked proxy', revoked()],
];

const makers: Record<string, (value: unknown) => Error> = {
  OptionError: (value) => new OptionError('size', 'a positive integer', value),
  ShapeError: (value) => new ShapeError('a shape', value),
  SampleError: (value) => new SampleError('EVENKEEL_NOT_A_NUMBER', 3, 'temperature', value),
  StateError: (value) => new StateError('Moments.count', 'an array', value),
  FrameError: (value) => new FrameError('is not JSON', value),
};

describe.each(Object.entries(makers))('%s', (name, make) => {
  test.each(hostile)('pictures %s shortly, without running any of its code', (_, value) => {
    called.mockClear();
    const error = make(value);
    expect(called).not.toHaveBeenCalled();
    expect(error.message.length).toBeLessThan(800);
    expect(error).toMatchObject({ name });
    expect((error as unknown as { value: unknown }).value).toBe(value);
  });
  test.each(throwing)('cannot be made to throw by %s', (_, value) => {
    expect(make(value).message.length).toBeLessThan(800);
  });
});

test('a long name is cut short, and kept whole beside the message', () => {
  const error = new OptionError('o'.repeat(1e6), 'known', 1);
  expect(error.message.length).toBeLessThan(200);
  expect(error.option.length).toBe(1e6);
});

test('messages', () => {
  const messages: [Error, string][] = [
    [new OptionError('size', 'a positive integer', -0), 'size must be a positive integer, got -0'],
    [new OptionError('dtype', 'float32', 'a"b'), 'dtype must be float32, got "a\\"b"'],
    [new OptionError('n', 'small', 12n), 'n must be small, got 12n'],
    [new ShapeError('two axes', [1, '2', null]), 'expected two axes, got [1, "2", null]'],
    [new SampleError('EVENKEEL_MISSING', 3, 't', null), 'row 3, feature "t" is missing: null'],
    [
      new SampleError('EVENKEEL_ARITY', 0, undefined, [1], '2 values'),
      'row 0 has the wrong number of values: an array of 1, expected 2 values',
    ],
    [new StateError('kind', '"Moments"', undefined), 'state: kind must be "Moments", got undefined'],
    [new NotInvertibleError(2, 0), 'channel 2 has scale 0: no inverse'],
    [new FrameError('is not JSON', '{'), 'frame is not JSON: "{"'],
    [new OverflowError('maxRows', 2, 'window'), 'window: more than maxRows 2 would have to be held'],
    [new StoreError('a/b', 'no space left'), 'a/b: no space left'],
    [new ConnectionError('ws://x', 1, 'refused'), 'ws://x: refused (after 1 attempt)'],
  ];
  for (const [error, message] of messages) expect(error.message).toBe(message);
});

test('codes, native classes and names are as documented', () => {
  const documented: [Error, string, string, new () => Error][] = [
    [new OptionError('a', 'b', 1), 'OptionError', 'EVENKEEL_OPTION', RangeError],
    [new ShapeError('a', 1), 'ShapeError', 'EVENKEEL_SHAPE', RangeError],
    [new SampleError('EVENKEEL_NOT_FINITE', 0, 0, 1), 'SampleError', 'EVENKEEL_NOT_FINITE', RangeError],
    [new StateError('a', 'b', 1), 'StateError', 'EVENKEEL_STATE', TypeError],
    [new NotInvertibleError(0, 0), 'NotInvertibleError', 'EVENKEEL_NOT_INVERTIBLE', RangeError],
    [new FrameError('a', 1), 'FrameError', 'EVENKEEL_FRAME', TypeError],
    [new OverflowError('maxRows', 2, 'a'), 'OverflowError', 'EVENKEEL_OVERFLOW', RangeError],
    [new StoreError('a', 'b', 'why'), 'StoreError', 'EVENKEEL_STORE', Error],
    [new ConnectionError('a', 2, 'b', 'why'), 'ConnectionError', 'EVENKEEL_CONNECTION', Error],
  ];
  for (const [error, name, code, native] of documented) {
    expect(error).toBeInstanceOf(native);
    expect(error).toMatchObject({ name, code });
  }
  expect(new ConnectionError('a', 2, 'b', 'why').cause).toBe('why');
});
