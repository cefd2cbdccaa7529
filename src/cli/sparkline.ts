const blocks = '▁▂▃▄▅▆▇█';

/**
 * The last values as one character each, lowest to highest of those shown; the newest at the right.
 * A value that is not finite leaves a gap; values that are all the same lie at the bottom.
 */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const finite = shown.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  // In halves, as the range of two float64 may be more than a float64.
  const range = high / 2 - low / 2;
  const block = (value: number): string => {
    if (!Number.isFinite(value)) return ' ';
    const height = range > 0 ? (value / 2 - low / 2) / range : 0;
    return blocks[Math.min(Math.floor(height * blocks.length), blocks.length - 1)]!;
  };
  return shown.map(block).join('').padStart(Math.max(width, 0));
}
