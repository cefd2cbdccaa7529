/** What the command is to do, as its arguments say. */
import type { RunningMode } from '../running/running-mode.js';
import type { ByFeature } from './by-feature.js';
import type { Timestamp } from './event-time.js';
import type { Limits } from './limits-option.js';
import type { OnMissing } from './missing-option.js';

/** What is optional was not said. */
export interface Arguments {
  /** `sensors`, `-`, a WebSocket url or a file. */
  readonly from: string;
  /** `-` or a WebSocket url to serve at; by default a table on a terminal, JSON lines elsewhere. */
  readonly to?: string;
  readonly features?: readonly string[];
  readonly size: number;
  /** Milliseconds. */
  readonly maxWait?: number;
  /** What tells when a sample happened. */
  readonly timestamp?: Timestamp;
  /** How many times as fast as it happened a file is read; 0: as fast as it can be. */
  readonly speed?: number;
  /** Milliseconds of event time that a row may come after later ones. */
  readonly lateness?: number;
  /** Milliseconds that a row's time may be ahead of this machine's clock. */
  readonly maxAhead?: number;
  readonly onMissing?: ByFeature<OnMissing>;
  readonly limits?: ByFeature<Limits>;
  /** The column or key whose values have statistics of their own, and of how many of them these are kept. */
  readonly key?: string;
  readonly maxKeys?: number;
  /** Rows of the window in which drift is looked for. */
  readonly drift?: number;
  readonly running?: RunningMode;
  readonly eps?: number;
  readonly batches?: number;
  readonly state?: string;
  readonly eval?: true;
  readonly skipInvalid?: true;
  readonly token?: string;
}

export const isUrl = (text: string): boolean => /^wss?:\/\//i.test(text);

/** Whether it is a file that has a name: all else comes when it comes. */
export const isPath = (from: string): boolean => from !== '-' && from !== 'sensors' && !isUrl(from);
