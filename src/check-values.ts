/** What must not be learned from, nor normalized. */
import { findInfinite, findNonFinite } from './kernels/find.js';
import { type FloatArray, sampleErrorAt, type View } from './tensor.js';

/** What becomes of a NaN, as statistics and normalizers say it: all but an error let it pass. */
type Gaps = 'error' | 'skip' | 'keep' | 'mean';

/** @throws SampleError naming row and channel of the view, at an infinity, or, where `missing` is an error, at a NaN */
export function checkValues(data: FloatArray, view: View, missing: Gaps): void {
  const at = missing === 'error' ? findNonFinite(data) : findInfinite(data);
  if (at >= 0) throw sampleErrorAt(data, view, at);
}
