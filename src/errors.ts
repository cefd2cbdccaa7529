/**
 * Every error Evenkeel throws or emits: native classes with a stable `code`, the offending value, and where it was.
 * Match on `code`; messages may be reworded.
 */

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A short, safe picture of any value: never throws, never calls the value's own methods, never grows long. */
function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(clip(value));
    case 'bigint':
      return BigInt.asIntN(200, value) === value ? `${value}n` : 'a bigint of many digits';
    case 'object':
      return value === null
        ? 'null'
        : (showList(value, ({ length }) => `an array of ${length}`) ?? 'an object');
    case 'function':
      return 'a function';
    default:
      return Object.is(value, -0) ? '-0' : clip(String(value));
  }
}

/** Of a true array only; undefined for all else, and for a proxy or an accessor that throws. */
function showList(value: unknown, picture: (list: readonly unknown[]) => string): string | undefined {
  try {
    return Array.isArray(value) ? picture(value) : undefined;
  } catch {
    return undefined;
  }
}

const showShape = (shape: readonly unknown[]): string =>
  `[${Array.from({ length: Math.min(shape.length, 8) }, (_, i) => show(shape[i])).join(', ')}]`;

/** An option, an argument or a size that cannot be used. `code`: `EVENKEEL_OPTION`. */
export class OptionError extends RangeError {
  override readonly name: string = 'OptionError';
  readonly code = 'EVENKEEL_OPTION' as const;
  /** The option's name, as the caller wrote it. */
  readonly option: string;
  readonly value: unknown;

  constructor(option: string, expected: string, value: unknown) {
    super(`${clip(option)} must be ${expected}, got ${show(value)}`);
    this.option = option;
    this.value = value;
  }
}

/** A tensor whose shape does not fit its data or its use. `code`: `EVENKEEL_SHAPE`. */
export class ShapeError extends RangeError {
  override readonly name: string = 'ShapeError';
  readonly code = 'EVENKEEL_SHAPE' as const;
  readonly value: unknown;

  constructor(expected: string, value: unknown) {
    super(`expected ${expected}, got ${showList(value, showShape) ?? show(value)}`);
    this.value = value;
  }
}

/** Why a sample was refused. */
export type SampleErrorCode =
  /** a string, an object, a bigint, … where a number belongs; null and undefined too, where rows are numbers already */
  | 'EVENKEEL_NOT_A_NUMBER'
  /** NaN, and in samples null and undefined, where missing values are refused */
  | 'EVENKEEL_MISSING'
  /** Infinity or -Infinity */
  | 'EVENKEEL_NOT_FINITE'
  /** more or fewer values than there are features, or none */
  | 'EVENKEEL_ARITY'
  /** neither a string nor a finite number, where each sample has a key */
  | 'EVENKEEL_KEY';

const sampleReasons: Record<SampleErrorCode, string> = {
  EVENKEEL_NOT_A_NUMBER: 'is not a number',
  EVENKEEL_MISSING: 'is missing',
  EVENKEEL_NOT_FINITE: 'is not finite',
  EVENKEEL_ARITY: 'has the wrong number of values',
  EVENKEEL_KEY: 'is not a key',
};

/** A sample that cannot be learned from. Names its row, its feature (index or name) and the value. */
export class SampleError extends RangeError {
  override readonly name: string = 'SampleError';
  readonly code: SampleErrorCode;
  /** Which row, from 0: of the batch (of a norm over the last axes: which sample), or of the stream in an operator; 0 where there is but one. */
  readonly row: number;
  /** Which feature, by name where names are known; undefined where the row as a whole is at fault. */
  readonly feature: number | string | undefined;
  readonly value: unknown;

  constructor(
    code: SampleErrorCode,
    row: number,
    feature: number | string | undefined,
    value: unknown,
    expected = '',
  ) {
    const place = feature === undefined ? `row ${row}` : `row ${row}, feature ${show(feature)}`;
    super(`${place} ${sampleReasons[code]}: ${show(value)}${expected && `, expected ${expected}`}`);
    this.code = code;
    this.row = row;
    this.feature = feature;
    this.value = value;
  }
}

/** Saved state of another kind, version or size, or damaged. `code`: `EVENKEEL_STATE`. */
export class StateError extends TypeError {
  override readonly name: string = 'StateError';
  readonly code = 'EVENKEEL_STATE' as const;
  readonly value: unknown;
  /** It is whole, and of something else: of another kind, version or features. */
  readonly isOther: boolean;

  constructor(where: string, expected: string, value: unknown, cause?: unknown, isOther = false) {
    super(`state: ${where} must be ${expected}, got ${show(value)}`, { cause });
    this.value = value;
    this.isOther = isOther;
  }
}

/** An affine with a zero scale has no inverse. `code`: `EVENKEEL_NOT_INVERTIBLE`. */
export class NotInvertibleError extends RangeError {
  override readonly name: string = 'NotInvertibleError';
  readonly code = 'EVENKEEL_NOT_INVERTIBLE' as const;
  readonly channel: number;
  /** Its scale. */
  readonly value: number;

  constructor(channel: number, scale: number) {
    super(`channel ${channel} has scale ${scale}: no inverse`);
    this.channel = channel;
    this.value = scale;
  }
}

/** `backward` where there is nothing to go back through. `code`: `EVENKEEL_BACKWARD`. */
export class BackwardError extends Error {
  override readonly name: string = 'BackwardError';
  readonly code = 'EVENKEEL_BACKWARD' as const;

  constructor(kind: string) {
    super(`${kind}.backward goes back through the last forward or infer, and there was none`);
  }
}

/** What a foreign format cannot say, or what is not of that format. `code`: `EVENKEEL_FORMAT`. */
export class FormatError extends TypeError {
  override readonly name: string = 'FormatError';
  readonly code = 'EVENKEEL_FORMAT' as const;
  readonly value: unknown;

  constructor(where: string, expected: string, value: unknown, cause?: unknown) {
    super(`${clip(where)} must be ${expected}, got ${show(value)}`, { cause });
    this.value = value;
  }
}

/** A message from the wire that carries no sample. `code`: `EVENKEEL_FRAME`. */
export class FrameError extends TypeError {
  override readonly name: string = 'FrameError';
  readonly code = 'EVENKEEL_FRAME' as const;
  readonly value: unknown;

  constructor(reason: string, value: unknown) {
    super(`frame ${reason}: ${show(value)}`);
    this.value = value;
  }
}

/** A connection that could not be made or kept. `code`: `EVENKEEL_CONNECTION`; `cause` has the last failure. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';
  readonly code = 'EVENKEEL_CONNECTION' as const;
  readonly url: string;
  readonly attempts: number;

  constructor(url: string, attempts: number, reason: string, cause?: unknown) {
    super(`${url}: ${reason} (after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`, { cause });
    this.url = url;
    this.attempts = attempts;
  }
}

/** A buffer came to its bound, and its policy is to refuse. `code`: `EVENKEEL_OVERFLOW`. */
export class OverflowError extends RangeError {
  override readonly name: string = 'OverflowError';
  readonly code = 'EVENKEEL_OVERFLOW' as const;
  /** The option that is the bound. */
  readonly bound: string;
  readonly value: number;

  constructor(bound: string, value: number, what: string) {
    super(`${what}: more than ${bound} ${value} would have to be held`);
    this.bound = bound;
    this.value = value;
  }
}

/** A store that could not be read or written; what it held is as it was. `code`: `EVENKEEL_STORE`; `cause` has the reason. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
  readonly code = 'EVENKEEL_STORE' as const;
  /** What of it: a path, a key. */
  readonly place: string;

  constructor(place: string, reason: string, cause?: unknown) {
    super(`${clip(place)}: ${reason}`, { cause });
    this.place = place;
  }
}
