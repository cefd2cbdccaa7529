/** What a value costs in the pipeline as rows get wider and batches larger. */
import { batchNorm, minibatch } from 'evenkeel';
import type { Contender } from '../contender.js';
import { pipeline, tensors } from '../contenders/pipelines.js';
import { looped, someRows } from '../fixed-data.js';
import { sideBySide } from '../side-by-side.js';
import type { Subject } from '../subject.js';

const widths = [1, 8, 64, 512];
const sizes = [8, 64, 512];
const values = 2 ** 18;

function cell(channels: number, size: number): Contender {
  const rows = values / channels;
  const source$ = looped(someRows(Math.min(rows, 512), channels), rows);
  const batches$ = source$.pipe(minibatch({ size }), batchNorm());
  return { ...pipeline(`C = ${channels}, batches of ${size}`, rows, batches$, tensors), pieces: values };
}

export const growth: Subject = {
  name: 'rows → minibatch → batchNorm, as rows and batches grow',
  per: 'value',
  against: ['itself'],
  measure(effort) {
    const cells = widths.flatMap((channels) =>
      sizes.map((size) => ({ channels, size, work: cell(channels, size) })),
    );
    const usual = cells.find(({ channels, size }) => channels === 8 && size === 64)!.work;
    return sideBySide(
      cells
        .filter(({ work }) => work !== usual)
        .map(({ work }) => ({ ours: work, theirs: usual, sameAs: usual, measure: 'cost' })),
      effort,
    );
  },
};
