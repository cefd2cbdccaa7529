/** The stream that is learned: any batch of it, from its number. */
export const ROWS = 8;

export interface Row {
  readonly batch: number;
  readonly values: readonly number[];
}

export const rowsOf = (batch: number): Row[] =>
  Array.from({ length: ROWS }, (_, i) => {
    const at = batch * ROWS + i;
    return { batch, values: [1e9 + Math.sin(at), Math.cos(at * at)] };
  });
