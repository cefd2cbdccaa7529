/** One way to do a piece of work: how long it takes, and what comes out. */
import { performance } from 'node:perf_hooks';

export interface Contender {
  readonly name: string;
  /** Does the work so many times over. @returns the seconds that took, all together */
  run(times: number): number | Promise<number>;
  /** How many pieces of what is counted (rows, say) one time is of. */
  readonly pieces: number;
  /** What one time gives, from a fresh start. */
  result(): ArrayLike<number> | Promise<ArrayLike<number>>;
}

/** What comes out of what is timed ends here, so that no compiler can leave the work out. */
export const sink = { value: 0 };

interface Work {
  /** Does it once. @returns a number that depends on what came out */
  once(): number;
  result(): ArrayLike<number>;
  /** 1 */
  readonly pieces?: number;
}

/** In this process. @param clock milliseconds */
export const here = (
  name: string,
  { once, result, pieces = 1 }: Work,
  clock: () => number = () => performance.now(),
): Contender => ({
  name,
  pieces,
  result,
  run(times) {
    let sum = 0;
    const start = clock();
    for (let i = 0; i < times; i++) sum += once();
    const seconds = (clock() - start) / 1000;
    sink.value += sum;
    return seconds;
  },
});
