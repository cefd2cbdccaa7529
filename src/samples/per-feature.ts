/** A setting that is one for all features, or one each, by name or, where they have none, by index. */
import { OptionError } from '../errors.js';
import { isPlainObject } from '../plain-object.js';

export type PerFeature<V> = V | { readonly [feature: string]: V };

/** How a setting is told. */
interface Setting<V> {
  /** The option. */
  readonly option: string;
  /** Whether what was given is a setting itself, rather than settings by feature. */
  isOne(given: unknown): boolean;
  /** @throws OptionError that names it */
  check(name: string, given: unknown): V;
}

/**
 * The settings of as many features as a row turns out to have; undefined where a feature has none.
 * @throws OptionError at once; of an index beyond the features, when these are known
 */
export function perFeature<V>(
  { option, isOne, check }: Setting<V>,
  given: unknown,
  names: readonly string[] | undefined,
): (columns: number) => readonly (V | undefined)[] {
  if (isOne(given) || !isPlainObject(given)) {
    const one = check(option, given);
    return (columns) => Array.from({ length: columns }, () => one);
  }
  const settings = new Map<number, V>();
  for (const [feature, value] of Object.entries(given)) {
    const name = `${option}.${feature}`;
    const at = names ? names.indexOf(feature) : /^(0|[1-9]\d*)$/.test(feature) ? Number(feature) : -1;
    if (at < 0) throw new OptionError(name, names ? 'of a feature' : 'by the index of a feature', value);
    settings.set(at, check(name, value));
  }
  return (columns) => {
    for (const [at, value] of settings)
      if (at >= columns) throw new OptionError(`${option}.${at}`, `of one of ${columns} features`, value);
    return Array.from({ length: columns }, (_, at) => settings.get(at));
  };
}
