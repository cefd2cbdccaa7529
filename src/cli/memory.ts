/** What outlives a run: the state it starts from, how far its file has been learned, and the saving of both. */
import type { Arguments } from './arguments.js';
import { exitCodes, Failure } from './exit-codes.js';
import type { Taken } from './intake.js';
import { checkOptions, type Learned } from './learned.js';
import type { Progress } from './position.js';
import { progressIn } from './resume.js';
import { Saver } from './saver.js';
import { type State, StateFile } from './state-file.js';

export class Memory {
  /** Whether all that the source has was read: once it is learned too, the next run starts at its beginning. */
  finished = false;
  readonly #args: Arguments;
  readonly #note: (line: string) => void;
  readonly #file: StateFile | undefined;
  readonly #saver: Saver | undefined;
  #saved: State | undefined;
  #progress: Progress | undefined;

  constructor(args: Arguments, note: (line: string) => void) {
    this.#args = args;
    this.#note = note;
    const file = args.state === undefined ? undefined : new StateFile(args.state);
    this.#file = file;
    if (!file || args.eval) return;
    this.#saver = new Saver(
      (learned) => file.write(this.#stateOf(learned)),
      (failure) =>
        note(
          failure ? `${failure.message}; trying again each second` : `${file.path}: the state is saved again`,
        ),
    );
  }

  /** What was learned before; undefined where there is nothing. */
  get saved(): State | undefined {
    return this.#saved;
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** The place in the source up to which it was learned before; 0 where it starts anew. */
  get resumedAt(): number {
    return this.#progress?.resumedAt ?? 0;
  }

  /** What decides the features: where a run goes on, what did when it began, as its rows would be others else. */
  get decides(): Pick<Taken, 'features' | 'known'> {
    const known = this.#saved?.features;
    const by = this.#progress?.by;
    if (this.resumedAt === 0) return { features: this.#args.features, known };
    return { features: by === 'names' ? known : undefined, known: by === 'state' ? known : undefined };
  }

  /** @throws Failure if there is state that cannot be used, or none could be saved */
  async recall(): Promise<void> {
    if (this.#file === undefined) return;
    const args = this.#args;
    const { path } = this.#file;
    const saved = await this.#file.read(args);
    if (saved?.fellBack !== undefined)
      this.#note(`${path}: ${saved.fellBack}; going by the one before, ${path}.1`);
    if (saved) checkOptions(path, saved, args);
    else if (args.eval)
      throw new Failure(exitCodes.badState, `${path}: there is no such state to evaluate with`);
    if (!args.eval) await this.#file.checkWritable();
    this.#progress = await progressIn(args, saved, this.#note);
    // What the latest rows were is of the run that was interrupted, and no other.
    this.#saved = saved && this.resumedAt === 0 ? { ...saved, drift: undefined } : saved;
    if (this.resumedAt > 0) this.#note(`${args.from}: going on after line ${this.resumedAt}`);
  }

  /** There is more to save. */
  changed(learned: Learned): void {
    this.#saver?.changed(learned);
  }

  /** That it cannot be saved just now. */
  status(): string | undefined {
    return this.#saver?.failure && 'the state cannot be written';
  }

  /** Saves all there is. @returns whether anything was saved @throws Failure */
  async end(): Promise<boolean> {
    if (this.#saved && this.finished && this.resumedAt > 0) this.changed(this.#saved); // be it that nothing was left
    return (await this.#saver?.end()) ?? false;
  }

  #stateOf(learned: Learned): State {
    const progress = this.#progress;
    const isDone = this.finished && !progress?.isOpen;
    return { ...learned, position: isDone ? undefined : progress?.position };
  }
}
