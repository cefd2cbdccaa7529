/** Text for a terminal: what comes from outside (a column's name, a key, a path) neither moves the cursor nor breaks a line. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these, and halves of characters, are what must not reach a terminal
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;
const segments = new Intl.Segmenter();

/** One line, without control characters. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(unprintable, '�');
}

/** The text in at most `width` columns: what is too long ends in `…`. */
export function shortened(text: string, width: number): string {
  const line = printable(text);
  if (stringWidth(line) <= width) return line;
  let kept = '';
  let used = 1; // the ellipsis
  for (const { segment } of segments.segment(line)) {
    used += stringWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return width > 0 ? `${kept}…` : '';
}

/** The text in exactly `width` columns, at the left or the right of them. */
export function cell(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const line = shortened(text, width);
  const space = ' '.repeat(Math.max(width - stringWidth(line), 0));
  return side === 'left' ? line + space : space + line;
}

/** What came, after a colon; nothing where nothing did. */
export function shownValue(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? ': an array' : ': an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
