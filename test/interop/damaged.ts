/** Plain objects of which one part is something else. */
import { FormatError } from 'evenkeel';
import fc from 'fast-check';
import { expect } from 'vitest';

type Path = readonly string[];

/** Every part of an object, itself too; of arrays of numbers the first few. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Object.keys(value).slice(0, 12);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string, unknown>)[key], [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const part = replaced((value as Record<string, unknown>)[key], rest, by);
  if (ArrayBuffer.isView(value))
    return Object.assign(Array.from(value as unknown as number[]), { [key]: part });
  return Array.isArray(value) ? value.with(Number(key), part) : { ...(value as object), [key]: part };
}

const anything = fc.oneof(
  fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true }),
  fc.double(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(null, undefined, true, false, [], {}),
);

export const damaged = (good: object): fc.Arbitrary<unknown> =>
  fc.tuple(fc.constantFrom(...pathsOf(good)), anything).map(([path, by]) => replaced(good, path, by));

/** Whatever was given: it can be read, and worked with, or it is refused as a format. */
export function readOrRefused(read: () => { toJSON(): unknown }): void {
  try {
    expect(JSON.stringify(read())).toContain('version');
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message.length).toBeLessThan(400);
  }
}
