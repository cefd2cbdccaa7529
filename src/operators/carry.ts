/** A tensor in the place of another, with what that one carried. */
import type { Tensor } from '../tensor.js';

/**
 * What `{ ...x, ...y }` is, made from y's data and shape on: to write these over a copy of x takes an engine several
 * times as long, as each is of a kind of its own to it.
 */
export function carry<X extends Tensor, Y extends Tensor>(x: X, y: Y): Omit<X, keyof Tensor> & Y {
  const both = { data: y.data, shape: y.shape };
  copy(x, both);
  copy(y, both);
  return both as unknown as Omit<X, keyof Tensor> & Y;
}

function copy(from: Tensor, into: object): void {
  const values = from as unknown as Record<PropertyKey, unknown>;
  for (const key in values) {
    if (key !== 'data' && key !== 'shape' && Object.hasOwn(values, key)) put(into, key, values[key]);
  }
  for (const key of Object.getOwnPropertySymbols(values)) put(into, key, values[key]);
}

function put(into: object, key: PropertyKey, value: unknown): void {
  if (key !== '__proto__') (into as Record<PropertyKey, unknown>)[key] = value;
  else Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
}
