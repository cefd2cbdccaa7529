/** Numbers as people read them, in few characters. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12345 → `12,345`. */
export function counted(value: number): string {
  return grouped.format(value);
}

/** `1 row`, `12,345 rows`. */
export function plural(count: number, one: string, many: string): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** A measured value in at most 10 characters and about five digits: `12.5`, `-0.0312`, `1.6269e+12`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '-∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e7 || size < 1e-3) return value.toExponential(size < 1e-99 || size >= 1e100 ? 2 : 3);
  if (size >= 1e4) return value.toFixed(size < 1e5 ? 1 : 0);
  return String(Number(value.toPrecision(5)));
}

/** A rate: whole numbers from 100 up, one decimal below. */
export function rate(perSecond: number): string {
  return perSecond >= 100 || !(perSecond > 0) ? counted(perSecond || 0) : perSecond.toFixed(1);
}

/** 2048 → `2.0 KiB`. */
export function bytes(count: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (count < 1024) return `${count} B`;
  const power = Math.min(Math.floor(Math.log2(count) / 10), units.length);
  return `${(count / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** Seconds, then minutes, then hours: `4.2 s`, `2 min 05 s`, `3 h 07 min`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}
