/** What a norm learns beside statistics: a scale and a shift, shape `[C]` each. */
import { OptionError } from '../errors.js';

export interface Parameters {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** Far beyond any use, and small enough that no scale overflows: 1e100 over the root of the least variance is finite. */
const LARGEST = 1e100;

/** @throws OptionError if a learned scale or shift is no longer a number to work with */
export function checkParameters({ gamma, beta }: Parameters): void {
  checkParameter('gamma', gamma);
  checkParameter('beta', beta);
}

function checkParameter(name: string, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]!) <= LARGEST))
      throw new OptionError(`${name}[${i}]`, 'a finite number from -1e100 to 1e100', values[i]);
  }
}

/** One pair for all norms whose own nobody has asked for, as wide as the last one's. */
let identity: Parameters = { gamma: new Float64Array(0), beta: new Float64Array(0) };

/** Ones and zeros: not to be written to. */
export function identityOf(size: number): Parameters {
  if (identity.gamma.length !== size)
    identity = { gamma: new Float64Array(size).fill(1), beta: new Float64Array(size) };
  return identity;
}

export function isIdentity({ gamma, beta }: Parameters): boolean {
  for (let i = 0; i < gamma.length; i++) if (gamma[i] !== 1 || beta[i] !== 0) return false;
  return true;
}
