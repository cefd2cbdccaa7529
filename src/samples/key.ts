/** Which of many streams in one a sample belongs to. */
import { type Reader, readerOf } from './reader.js';

/** 1 and '1' are two. */
export type Key = string | number;

/** The name of the property that has an item's key (a row's own, or that of the sample that it carries), or how to get it. */
export type KeyOf<T> = string | ((item: T) => Key);

/** Reads what an item says of its key; `isKey` tells whether it is one. */
export type KeyReader<T> = Reader<T>;

/** @throws OptionError */
export const keyReader = <T>(key: KeyOf<T>): KeyReader<T> => readerOf('key', key);

/** A string or a finite number. */
export const isKey = (read: unknown): read is Key => typeof read === 'string' || Number.isFinite(read);
