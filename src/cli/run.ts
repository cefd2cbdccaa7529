/** One run of the command, from opening what it needs to leaving it in order. */
import { takeUntil } from 'rxjs';
import { KeyedNormalizers } from '../keyed/keyed-normalizers.js';
import type { Arguments } from './arguments.js';
import { namedIn } from './by-feature.js';
import { DriftNotes } from './drift-notes.js';
import { Ending } from './ending.js';
import { type ExitCode, exitCodes, Failure, failureOf, systemReason } from './exit-codes.js';
import { plural } from './figures.js';
import { Intake, type Row } from './intake.js';
import { type Learned, mostKeys, runningOf } from './learned.js';
import { Memory } from './memory.js';
import { steps } from './pipeline.js';
import { goesByTime } from './running-option.js';
import { LiveTable } from './sinks/live-table.js';
import { openSinks } from './sinks/open-sinks.js';
import type { Sink, Step } from './sinks/sink.js';
import { openSource } from './sources/open-source.js';
import type { Source } from './sources/source.js';
import { type Counter, Status } from './status.js';
import { summary } from './summary.js';
import type { Output, Surroundings } from './surroundings.js';
import { View } from './view.js';

/** What is counted beside rows that are invalid. */
function countersOf(args: Arguments, saved: Learned | undefined): Counter[] {
  const { lateness, maxAhead, onMissing, limits, key, running = saved && runningOf(saved) } = args;
  const asked: Record<Counter, boolean> = {
    late: lateness !== undefined || goesByTime(running),
    ahead: maxAhead !== undefined,
    missing: onMissing !== undefined,
    quarantined: limits !== undefined,
    forgotten: key !== undefined,
  };
  return (Object.keys(asked) as Counter[]).filter((counter) => asked[counter]);
}

/** A reader who has had enough ends the run, and that is no failure. */
function endWithReader(stdout: Output, ending: Ending): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    const why = `standard output: ${systemReason(error)}`;
    ending.end(error.code === 'EPIPE' ? undefined : new Failure(exitCodes.noOutput, why, error));
  });
}

class Run {
  readonly #args: Arguments;
  readonly #surroundings: Surroundings;
  readonly #ending = new Ending();
  readonly #status: Status;
  readonly #memory: Memory;
  #learned: Learned | undefined;
  #source: Source | undefined;
  #sinks: Sink[] = [];

  constructor(args: Arguments, surroundings: Surroundings) {
    this.#args = args;
    this.#surroundings = surroundings;
    const dropped = (place: Source | Sink | undefined): number => place?.dropped?.() ?? 0;
    this.#status = new Status(() =>
      [this.#source, ...this.#sinks].reduce((sum, place) => sum + dropped(place), 0),
    );
    this.#memory = new Memory(args, (line) => this.#note(line));
  }

  async go(): Promise<ExitCode> {
    const { interrupted } = this.#surroundings;
    interrupted.addEventListener('abort', () => this.#ending.end());
    let whole = false;
    try {
      whole = await this.#flow();
    } catch (error) {
      this.#ending.end(failureOf(error));
    }
    return this.#end(whole);
  }

  /** @returns whether the input ended by itself */
  async #flow(): Promise<boolean> {
    const args = this.#args;
    const ending = this.#ending;
    const memory = this.#memory;
    await memory.recall();
    const { saved, progress, resumedAt } = memory;
    this.#status.show(countersOf(args, saved));
    const ready = (): Promise<void> | undefined =>
      this.#sinks.map((sink) => sink.ready?.()).find((room) => room !== undefined);
    const source = await openSource(args, ready, resumedAt);
    this.#source = source;
    /** By the run before: of a row as it was judged, in its order; of all else as it was read. */
    const wasTold = (place: number, isRow = false): boolean => progress?.wasTold(place, isRow) ?? false;
    const note = (line: string): void => this.#note(line);
    const named = namedIn(args.onMissing, args.limits);
    const intake = new Intake(
      source,
      { ...args, named, ...memory.decides },
      {
        refused: (failure, { place, last, isRow }) => {
          if (wasTold(place, isRow)) return;
          this.#status.invalid++;
          if (args.skipInvalid && !last) return;
          progress?.stopsAt(place, isRow ?? false);
          ending.end(failure);
        },
        ahead: (place) => {
          if (!wasTold(place)) this.#status.count('ahead');
        },
        note,
      },
    );
    const drift = new DriftNotes(note);
    const view = new View({
      source,
      status: this.#status,
      states: () => [source, ...this.#sinks, drift, intake, memory].map((place) => place.status?.()),
      evaluating: args.eval === true,
      names: () => intake.names,
    });
    this.#sinks = await openSinks(
      args,
      source,
      this.#surroundings,
      () => view.state(),
      (failure) => ending.end(failure),
    );
    endWithReader(this.#surroundings.stdout, ending);
    source.lost$
      ?.pipe(takeUntil(ending.when$)) // after which nothing is connected again
      .subscribe((reason) => note(`${source.name}: ${reason}; connecting again`));

    let whole = true;
    ending.when$.subscribe(() => {
      whole = false;
    });
    await new Promise<void>((resolve, reject) => {
      const finished = (): void => {
        memory.finished = true;
      };
      const count = (counter: Counter, { place }: Row, many?: number): void => {
        if (!wasTold(place, counter !== 'late')) this.#status.count(counter, many);
      };
      steps({ args, source, intake, saved, progress, ending, view, count, drift, finished }).subscribe({
        next: (step) => {
          view.step(step);
          this.#step(step);
        },
        error: reject,
        complete: resolve,
      });
    });
    return whole;
  }

  /** Where there is a table, it tells. */
  #note(line: string): void {
    if (!this.#sinks.some((sink) => sink instanceof LiveTable)) this.#surroundings.note(line);
  }

  #step(step: Step): void {
    const { normalized, learned, late } = step;
    this.#status.batch(normalized.samples.length);
    if (late > 0) this.#status.count('late', late);
    this.#learned = learned;
    this.#countForgotten();
    this.#memory.changed(learned);
    for (const sink of this.#sinks) sink.step(step);
  }

  /** Keys are forgotten after the minibatch that takes their place. */
  #countForgotten(): void {
    const { normalizer } = this.#learned ?? {};
    if (!(normalizer instanceof KeyedNormalizers)) return;
    const { forgotten } = normalizer.stats;
    const { counters } = this.#status;
    if (forgotten > 0 && counters.get('forgotten') === 0) {
      const { key } = this.#args;
      const maxKeys = mostKeys(this.#args);
      const kept = plural(maxKeys, 'key is', 'keys are');
      this.#note(
        `--key ${key}: ${kept} kept, and what was learned of others is forgotten; --max-keys keeps more`,
      );
    }
    counters.set('forgotten', forgotten);
  }

  /** Leaves all in order, whatever the end was: nothing learned is lost, and what is open is closed. */
  async #end(whole: boolean): Promise<ExitCode> {
    this.#ending.end();
    this.#countForgotten();
    const saved = await this.#memory.end().catch((error: unknown) => this.#ending.end(failureOf(error)));
    await Promise.all(this.#sinks.map((sink) => sink.close(whole)));
    await this.#source?.close?.();

    const { failures } = this.#ending;
    const messages = [...new Set(failures.map(({ message }) => message))];
    const { note } = this.#surroundings;
    if (messages.length > 0) note(messages.join('; '));
    if (messages.length === 0 || this.#status.rows > 0)
      note(summary(this.#status, saved ? this.#args.state : undefined));
    return failures[0]?.exitCode ?? exitCodes.done;
  }
}

/** Runs the command to its end: nothing is left open, and all there is to tell has been told. */
export function run(args: Arguments, surroundings: Surroundings): Promise<ExitCode> {
  return new Run(args, surroundings).go();
}
