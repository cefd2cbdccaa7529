/** Which features drift: told once, when they begin to and when they no longer do. */
import type { DriftEvent } from '../operators/drift.js';
import type { DriftHooks } from './batches.js';
import { counted, figure } from './figures.js';

export class DriftNotes implements DriftHooks {
  readonly #note: (line: string) => void;
  readonly #features = new Set<string>();

  constructor(note: (line: string) => void) {
    this.#note = note;
  }

  drifted(features: readonly string[]): void {
    for (const feature of features) this.#features.add(feature);
  }

  drifts(event: DriftEvent): void {
    this.#features.add(String(event.feature));
    this.#tell('drifts', event);
  }

  settles(event: DriftEvent): void {
    this.#features.delete(String(event.feature));
    this.#tell('drifts no longer', event);
  }

  /** Those that do just now. */
  status(): string | undefined {
    return this.#features.size === 0 ? undefined : `drift of ${[...this.#features].join(', ')}`;
  }

  #tell(what: string, { feature, rows, shift, logVarianceRatio, divergence }: DriftEvent): void {
    const scores = `shift ${figure(shift)} sd, log variance ratio ${figure(logVarianceRatio)}, divergence ${figure(divergence)}`;
    this.#note(`${feature} ${what}, after ${counted(rows)} rows: ${scores}`);
  }
}
