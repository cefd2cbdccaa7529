/** What the command is run in. */

/** A pipe, a file or a terminal. */
export type Output = NodeJS.WriteStream & { readonly isTTY?: boolean };

export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Tells a line on standard error. */
  readonly note: (line: string) => void;
  /** Ctrl-C, and what is like it. */
  readonly interrupted: AbortSignal;
}
