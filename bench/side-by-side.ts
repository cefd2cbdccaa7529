/**
 * Contenders measured in one run, in turn: A B C, C B A, A B C, … so that whatever else the machine does hits all alike.
 * Each turn lasts a while (calibrated), ratios are taken within a round, and what is told of them is their median and
 * quartiles. Before anything is timed, all have to come to the same result.
 */
import type { Contender } from './contender.js';
import { type Bound, isReached, type Line } from './line.js';
import { quartiles } from './quartiles.js';
import { sharesOf } from './shares.js';

/** How thoroughly. */
export interface Effort {
  readonly rounds: number;
  /** Seconds a turn at least. */
  readonly turn: number;
  /** Seconds before the first round, each. */
  readonly warmup: number;
  /** Whether to find out where the time goes of those of ours that miss a bound. */
  readonly profile?: boolean;
}

export interface Pair {
  readonly ours: Contender;
  /** Or the name of what is not on this machine. */
  readonly theirs: Contender | { readonly absent: string };
  readonly measure: Line['measure'];
  readonly bound?: Bound;
  /** Who does the same work as theirs, where that is not ours: who is compared in another way of doing it. */
  readonly sameAs?: Pick<Contender, 'name' | 'result'>;
  /** How far the results may be apart, of the larger of 1 and the value; 1e-9, which is what float64 leaves. */
  readonly tolerance?: number;
}

export async function sideBySide(pairs: readonly Pair[], effort: Effort): Promise<Line[]> {
  const present = pairs.flatMap(({ theirs, ...pair }) => ('absent' in theirs ? [] : [{ ...pair, theirs }]));
  for (const { ours, theirs, sameAs = ours, tolerance = 1e-9 } of present)
    checkSame(sameAs.name, await sameAs.result(), theirs.name, await theirs.result(), tolerance);
  const contenders = [
    ...new Set(pairs.flatMap(({ ours, theirs }) => ('absent' in theirs ? [ours] : [ours, theirs]))),
  ];
  const seconds = await rounds(contenders, effort);
  const timeOf = (contender: Contender): number => quartiles(seconds.get(contender)!).median;
  const lines = pairs.map(({ ours, theirs, measure, bound }): Line => {
    const figure = { name: ours.name, value: timeOf(ours) };
    const common = { ours: figure, unit: 'seconds', measure, bound } as const;
    if ('absent' in theirs) return { ...common, theirs, ratio: undefined };
    const [our, their] = [seconds.get(ours)!, seconds.get(theirs)!];
    const ratio = quartiles(
      our.map((time, i) => (measure === 'speed' ? their[i]! / time : time / their[i]!)),
    );
    return { ...common, theirs: { name: theirs.name, value: timeOf(theirs) }, ratio };
  });
  return effort.profile ? withShares(lines, pairs, effort) : lines;
}

/** Those of ours that miss a bound are told of once, with the first. */
async function withShares(
  lines: readonly Line[],
  pairs: readonly Pair[],
  { rounds, turn }: Effort,
): Promise<Line[]> {
  const told = new Set<Contender>();
  const all: Line[] = [];
  for (const [i, line] of lines.entries()) {
    const { ours } = pairs[i]!;
    const isTold = isReached(line) === false && !told.has(ours);
    const times = Math.ceil((rounds * turn) / (line.ours.value * ours.pieces));
    all.push(isTold ? { ...line, shares: await sharesOf(ours, times) } : line);
    if (isTold) told.add(ours);
  }
  return all;
}

/** Seconds a piece of each, round by round. */
export async function rounds(
  contenders: readonly Contender[],
  { rounds, turn, warmup }: Effort,
): Promise<Map<Contender, number[]>> {
  const times = new Map<Contender, number>();
  for (const contender of contenders) times.set(contender, await calibrated(contender, turn, warmup));
  const seconds = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      globalThis.gc?.({ type: 'minor' }); // nobody pays for what another has left
      const pieces = times.get(contender)! * contender.pieces;
      seconds.get(contender)!.push((await contender.run(times.get(contender)!)) / pieces);
    }
  }
  return seconds;
}

/** How many times fill a turn, once warm. */
async function calibrated(contender: Contender, turn: number, warmup: number): Promise<number> {
  let times = 1;
  for (let spent = 0; ; ) {
    const start = await contender.run(times);
    spent += start;
    if (start >= turn && spent >= warmup) return times;
    times = Math.max(1, Math.ceil(times * Math.min(10, (1.1 * turn) / start)));
  }
}

/** @throws Error naming where they differ */
export function checkSame(
  name: string,
  expected: ArrayLike<number>,
  other: string,
  given: ArrayLike<number>,
  tolerance: number,
): void {
  const differ = (what: string): Error => new Error(`${name} and ${other} do not do the same: ${what}`);
  if (expected.length !== given.length) throw differ(`${expected.length} and ${given.length} values`);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [expected[i]!, given[i]!];
    if (!(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)))) throw differ(`${a} and ${b} at ${i}`);
  }
}
