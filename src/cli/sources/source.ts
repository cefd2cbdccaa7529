/** What every source of samples is, wherever they come from. */
import type { Observable } from 'rxjs';

/** A sample and its place in the source, so that an error can name it. */
export interface Sample {
  /** Its line, or its number; from 1. */
  readonly place: number;
  /** A number, an array or an object where the source is JSON; text cells where it is CSV. Not yet checked. */
  readonly value: unknown;
  /** The names of a CSV row's cells. */
  readonly columns?: readonly string[];
  /** Why there is no value here. */
  readonly malformed?: string;
  /** Nothing after this can be read. */
  readonly last?: true;
}

export interface Source {
  /** As people know it: a path, a url. */
  readonly name: string;
  /** What a `place` counts. */
  readonly places: 'line' | 'sample';
  /** Samples come when they come, rather than as fast as they are read. */
  readonly live: boolean;
  /** It is read on only while there is room for what comes of it. */
  readonly waits?: true;
  readonly samples$: Observable<Sample>;
  /** Of a file: bytes so far, and of all where that is known. */
  progress?(): { readonly read: number; readonly size: number | undefined };
  /** Why a connection was lost that is being made again: once for each time. */
  readonly lost$?: Observable<string>;
  /** What is to be known of it just now, such as `reconnecting`. */
  status?(): string | undefined;
  /** Samples lost on the way here. */
  dropped?(): number;
  close?(): Promise<void>;
}
