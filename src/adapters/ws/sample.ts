/**
 * What one sample may be on the wire: a value, which is a finite number or null (missing); an array of values, or of
 * such arrays (a tensor of more axes), none of them empty; or an object of any JSON whose numbers are finite.
 */

/** How deep the arrays and objects of one sample may nest: beyond any data, and within everyone's stack. */
export const MOST_LEVELS = 32;

export const isValue = (item: unknown): boolean => item === null || Number.isFinite(item);

export function isSample(item: unknown): boolean {
  if (Array.isArray(item)) return isRow(item, MOST_LEVELS);
  return (typeof item === 'number' || typeof item === 'object') && isFiniteJson(item, MOST_LEVELS);
}

function isRow(item: unknown, levels: number): boolean {
  if (!Array.isArray(item) || item.length === 0 || levels === 0) return false;
  return item.every(isValue) || item.every((inner) => isRow(inner, levels - 1));
}

function isFiniteJson(item: unknown, levels: number): boolean {
  if (typeof item === 'number') return Number.isFinite(item);
  if (typeof item !== 'object' || item === null) return true;
  return levels > 0 && Object.values(item).every((inner) => isFiniteJson(inner, levels - 1));
}
