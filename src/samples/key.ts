/** Which of many streams in one a sample belongs to. */
import { OptionError } from '../errors.js';
import { isTensor } from '../tensor.js';

/** 1 and '1' are two. */
export type Key = string | number;

/** The name of the property that has an item's key (a row's own, or that of the sample that it carries), or how to get it. */
export type KeyOf<T> = string | ((item: T) => Key);

/** Reads what an item says of its key; `isKey` tells whether it is one. */
export interface KeyReader<T> {
  /** For the errors. */
  readonly name: string;
  read(item: T): unknown;
}

/** @throws OptionError */
export function keyReader<T>(key: KeyOf<T>): KeyReader<T> {
  if (typeof key === 'function') return { name: 'key', read: key };
  if (typeof key !== 'string' || key === '')
    throw new OptionError('key', 'the name of a property, or a function', key);
  const of = (item: unknown): unknown => (item as Record<string, unknown> | null | undefined)?.[key];
  return {
    name: key,
    read(item) {
      const own = of(item);
      return own === undefined && isTensor(item) && item.shape.length === 1
        ? of((item as { readonly sample?: unknown }).sample)
        : own;
    },
  };
}

/** A string or a finite number. */
export const isKey = (read: unknown): read is Key => typeof read === 'string' || Number.isFinite(read);
