/** Which of many streams in one a sample belongs to. */
import { OptionError } from '../errors.js';

/** 1 and '1' are two. */
export type Key = string | number;

/** The name of the property that has an item's key, or how to get it. */
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
  return { name: key, read: (item) => (item as Record<string, unknown> | null)?.[key] };
}

/** A string or a finite number. */
export const isKey = (read: unknown): read is Key => typeof read === 'string' || Number.isFinite(read);
