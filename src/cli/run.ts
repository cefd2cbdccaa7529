/** One run of the command, from opening what it needs to leaving it in order. */
import { takeUntil } from 'rxjs';
import type { Arguments } from './arguments.js';
import { Ending } from './ending.js';
import { type ExitCode, exitCodes, Failure, failureOf, systemReason } from './exit-codes.js';
import { Intake } from './intake.js';
import { normalizerOptions, steps } from './pipeline.js';
import { Saver } from './saver.js';
import { LiveTable } from './sinks/live-table.js';
import { openSinks } from './sinks/open-sinks.js';
import type { Sink, Step } from './sinks/sink.js';
import { openSource } from './sources/open-source.js';
import type { Source } from './sources/source.js';
import { checkOptions, checkWritable, type Learned, readState } from './state-file.js';
import { Status } from './status.js';
import { summary } from './summary.js';
import type { Output, Surroundings } from './surroundings.js';
import { View } from './view.js';

/** The state to start from; undefined to start anew. @throws Failure if there is one that cannot be used */
async function savedState(args: Arguments): Promise<Learned | undefined> {
  if (args.state === undefined) return undefined;
  const saved = await readState(args.state);
  if (saved) checkOptions(args.state, saved, normalizerOptions(args));
  else if (args.eval)
    throw new Failure(exitCodes.badState, `${args.state}: there is no such state to evaluate with`);
  if (!args.eval) await checkWritable(args.state);
  return saved;
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
  readonly #saver: Saver | undefined;
  #source: Source | undefined;
  #sinks: Sink[] = [];

  constructor(args: Arguments, surroundings: Surroundings) {
    this.#args = args;
    this.#surroundings = surroundings;
    const dropped = (place: Source | Sink | undefined): number => place?.dropped?.() ?? 0;
    this.#status = new Status(() =>
      [this.#source, ...this.#sinks].reduce((sum, place) => sum + dropped(place), 0),
    );
    this.#saver =
      args.state === undefined || args.eval
        ? undefined
        : new Saver(args.state, (failure) => this.#ending.end(failure));
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
    const saved = await savedState(args);
    const ready = (): Promise<void> | undefined =>
      this.#sinks.map((sink) => sink.ready?.()).find((room) => room !== undefined);
    const source = await openSource(args, ready);
    this.#source = source;
    const intake = new Intake(source, args.features, saved?.features, (failure, last) => {
      this.#status.invalid++;
      if (!args.skipInvalid || last) ending.end(failure);
    });
    const view = new View({
      source,
      status: this.#status,
      states: () => [source, ...this.#sinks].map((place) => place.status?.()),
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
    // Where there is a table, it tells.
    if (!this.#sinks.some((sink) => sink instanceof LiveTable))
      source.lost$
        ?.pipe(takeUntil(ending.when$)) // after which nothing is connected again
        .subscribe((reason) => this.#surroundings.note(`${source.name}: ${reason}; connecting again`));

    let whole = true;
    ending.when$.subscribe(() => {
      whole = false;
    });
    await new Promise<void>((resolve, reject) => {
      steps({ args, source, intake, saved, ending, view }).subscribe({
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

  #step(step: Step): void {
    this.#status.batch(step.normalized.samples.length);
    this.#saver?.changed(step.learned);
    for (const sink of this.#sinks) sink.step(step);
  }

  /** Leaves all in order, whatever the end was: nothing learned is lost, and what is open is closed. */
  async #end(whole: boolean): Promise<ExitCode> {
    this.#ending.end();
    const saved = await this.#saver?.end().catch((error: unknown) => this.#ending.end(failureOf(error)));
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
