/** What scalers of a range or of extremes divide by. */

/** A spread; or 1 where it is none beside rounding, below 2.2e-15, as scikit-learn has it (`_handle_zeros_in_scale`). */
export const divisorOf = (spread: number): number => (spread < 10 * Number.EPSILON ? 1 : spread);
