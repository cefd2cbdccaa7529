/** What an experiment hands back: plain data, as it comes from a process of its own. */
import type { TopLevelSpec } from 'vega-lite';

/** Whether what an article claims appears here. Computed from the numbers, never written down. */
export interface Verdict {
  readonly claim: string;
  readonly appears: boolean;
  /** The numbers. */
  readonly by: string;
}

export interface Finding {
  readonly title: string;
  /** A table, or what else there is to see. */
  readonly lines: readonly string[];
  readonly verdicts: readonly Verdict[];
  /** A picture, where there is one. */
  readonly chart?: TopLevelSpec;
}

/** @param quick fewer seeds and steps */
export type Experiment = (quick: boolean) => Promise<Finding>;
