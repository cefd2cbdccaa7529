/** Lengths of time, as one writes them on a command line. */

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;

/** `5s`, `1.5h`, `250ms`; milliseconds where there is no unit. NaN for anything else. */
export function parseDuration(text: string): number {
  const [, value, unit = 'ms'] = pattern.exec(text) ?? [];
  return value === undefined ? Number.NaN : Number(value) * units[unit as keyof typeof units];
}

/** Whether the text names a unit: what may be rows as well is rows without one. */
export function hasUnit(text: string): boolean {
  return pattern.exec(text)?.[2] !== undefined;
}

/** The text that `parseDuration` reads, in the largest unit of which it is a whole number. */
export function showDuration(ms: number): string {
  const [unit, size] = Object.entries(units).findLast(([, size]) => ms >= size && ms % size === 0) ?? [
    'ms',
    1,
  ];
  return `${ms / size}${unit}`;
}
