/** Settings on a command line: one for all features, or one each, `wind=a,temp=b`; of both, the one is for all others. */

export interface ByFeature<V> {
  readonly others?: V;
  readonly features: ReadonlyMap<string, V>;
}

/**
 * @param read makes a setting of its text
 * @returns undefined where a feature has two settings, or there are two for all others
 */
export function parseByFeature<V>(text: string, read: (setting: string) => V): ByFeature<V> | undefined {
  const features = new Map<string, V>();
  let others: { readonly value: V } | undefined;
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    const value = read(part.slice(at + 1).trim());
    if (at < 0 ? others : features.has(name)) return undefined;
    if (at < 0) others = { value };
    else features.set(name, value);
  }
  return { ...(others && { others: others.value }), features };
}

/** The features that have a setting of their own. */
export function namedIn(...settings: readonly (ByFeature<unknown> | undefined)[]): string[] {
  return [...new Set(settings.flatMap((by) => [...(by?.features.keys() ?? [])]))];
}

/** The setting of each feature, in their order. @returns a name that is of none of them, where there is one */
export function settingsOf<V>(
  { others, features }: ByFeature<V>,
  names: readonly string[],
): readonly (V | undefined)[] | string {
  const stranger = [...features.keys()].find((name) => !names.includes(name));
  return stranger ?? names.map((name) => features.get(name) ?? others);
}
