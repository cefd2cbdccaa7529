/** JSON that arrives as what it was: `JSON.stringify` leaves out or empties what it does not know, and tells nobody. */
import { FrameError } from '../../errors.js';
import { isPlainObject } from '../../plain-object.js';
import { isFloatArray } from '../../tensor.js';

/** @throws FrameError where it would arrive as something else; NaN may be null, and a property undefined, left out */
export function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, checked);
  } catch (error) {
    if (error instanceof FrameError) throw error;
    throw new FrameError(`cannot be JSON (${error instanceof Error ? error.message : error})`, value);
  }
  if (text === undefined) throw new FrameError('cannot be JSON', value);
  return text;
}

function checked(this: unknown, _key: string, item: unknown): unknown {
  if (isFloatArray(item)) return Array.from(item);
  if (!arrives(item, this)) throw new FrameError('as JSON cannot carry', item);
  return item;
}

function arrives(item: unknown, holder: unknown): boolean {
  switch (typeof item) {
    case 'number':
      return item !== Infinity && item !== -Infinity;
    case 'string':
    case 'boolean':
      return true;
    case 'undefined':
      return !Array.isArray(holder);
    case 'object':
      return item === null || Array.isArray(item) || isPlainObject(item);
    default:
      return false;
  }
}
