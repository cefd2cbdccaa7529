/** Operators one after the other, as `pipe` takes them, and options behind the last. */
import type { Observable, OperatorFunction } from 'rxjs';
import { OptionError } from '../errors.js';

/** Up to eight operators: what one emits, the next takes. What is left out passes on what came. */
export type Staged<T, A, B, C, D, E, F, G, H, O> = [
  a?: OperatorFunction<T, A> | O,
  b?: OperatorFunction<A, B> | O,
  c?: OperatorFunction<B, C> | O,
  d?: OperatorFunction<C, D> | O,
  e?: OperatorFunction<D, E> | O,
  f?: OperatorFunction<E, F> | O,
  g?: OperatorFunction<F, G> | O,
  h?: OperatorFunction<G, H> | O,
  options?: O,
];

/** @throws OptionError at what is no operator, unless it is the last: the options */
export function unstaged<T, R, O extends object>(
  given: readonly unknown[],
): { through: OperatorFunction<T, R>; options: O } {
  const last = given.at(-1);
  const hasOptions = last !== undefined && typeof last !== 'function';
  const operators = hasOptions ? given.slice(0, -1) : given;
  for (const [i, operator] of operators.entries())
    if (typeof operator !== 'function') throw new OptionError(`operators[${i}]`, 'an operator', operator);
  const through = (source: Observable<unknown>): Observable<unknown> =>
    (operators as OperatorFunction<unknown, unknown>[]).reduce((piped, operator) => operator(piped), source);
  return { through: through as OperatorFunction<T, R>, options: (hasOptions ? last : {}) as O };
}
