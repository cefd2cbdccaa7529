/** A batch as what `Moments` keeps of it; or what of it cannot be learned from. */
import { checkValues } from '../check-values.js';
import { batchMoments, wideMoments } from '../kernels/batch-moments.js';
import type { FloatArray, View } from '../tensor.js';

/**
 * @param missing what becomes of a NaN
 * @param out planes of the view's channels
 * @param named the view that says where a value is, in the error
 * @throws SampleError at an infinity, or at a NaN where that is an error
 */
export function summarize(
  data: FloatArray,
  view: View,
  missing: 'skip' | 'error',
  out: Float64Array,
  named: View = view,
): void {
  const { n, c, l } = view;
  const content = batchMoments(data, n, c, l, out);
  if (content !== 'whole') checkValues(data, named, missing);
  if (content === 'not finite') wideMoments(data, n, c, l, out);
}
