/** The state of a key, for those who use it. */
export interface Entry<S> {
  readonly state: S;
  readonly isRestored: boolean;
  /** When it was last used, where that matters. */
  usedAt: number;
}
