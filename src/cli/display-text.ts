/** Text for a terminal: what comes from outside (a column's name, a key, a path) neither moves the cursor nor breaks a line. */
import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const segments = new Intl.Segmenter();

/** One line, without control characters. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(unprintable, '�');
}

const graphemesOf = (text: string): string[] => Array.from(segments.segment(text), ({ segment }) => segment);
const columns = (grapheme: string): number => (wide.test(grapheme) ? 2 : 1);

/** How many columns of a terminal the text takes: East Asian characters and emoji take two. */
export function columnsOf(text: string): number {
  return graphemesOf(text).reduce((sum, grapheme) => sum + columns(grapheme), 0);
}

/** The text in at most `width` columns: what is too long ends in `…`. */
export function shortened(text: string, width: number): string {
  const line = printable(text);
  if (columnsOf(line) <= width) return line;
  let kept = '';
  let used = 1; // the ellipsis
  for (const grapheme of graphemesOf(line)) {
    used += columns(grapheme);
    if (used > width) break;
    kept += grapheme;
  }
  return width > 0 ? `${kept}…` : '';
}

/** The text in exactly `width` columns, at the left or the right of them. */
export function cell(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const line = shortened(text, width);
  const space = ' '.repeat(Math.max(width - columnsOf(line), 0));
  return side === 'left' ? line + space : space + line;
}
