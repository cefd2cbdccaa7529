/** The pipeline alone, from samples that a test pushes. */
import { type Observable, Subject } from 'rxjs';
import type { Arguments } from '../../src/cli/arguments.js';
import { Ending } from '../../src/cli/ending.js';
import { Intake } from '../../src/cli/intake.js';
import { steps } from '../../src/cli/pipeline.js';
import type { Step } from '../../src/cli/sinks/sink.js';
import type { Sample, Source } from '../../src/cli/sources/source.js';
import { type Counter, Status } from '../../src/cli/status.js';
import { View } from '../../src/cli/view.js';

export interface Piped {
  readonly samples$: Subject<Sample>;
  readonly status: Status;
  readonly view: View;
  readonly steps$: Observable<Step>;
}

export function piped(live: boolean, options: Partial<Arguments>, counters: readonly Counter[] = []): Piped {
  const samples$ = new Subject<Sample>();
  const source: Source = { name: 'test', places: 'sample', live, samples$ };
  const args = { from: 'test', size: 32, ...options };
  const status = new Status(() => 0);
  status.show(counters);
  const intake = new Intake(source, args, {
    refused: () => status.invalid++,
    ahead: () => status.count('ahead'),
    note: () => {},
  });
  const view = new View({ source, status, states: () => [], evaluating: false, names: () => intake.names });
  const steps$ = steps({
    args,
    source,
    intake,
    saved: undefined,
    ending: new Ending(),
    view,
    count: (counter) => status.count(counter),
    drift: { drifted: () => {}, drifts: () => {}, settles: () => {} },
  });
  return { samples$, status, view, steps$ };
}
