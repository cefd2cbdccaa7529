/** What JSON.parse does not tell: it takes the last of two equal keys without a word, and nests as deep as memory goes. */
import { FormatError } from '../errors.js';

/** Where the string that begins at `at` ends. */
function endOfString(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

const colon = /\s*:/y;

/** Looks at JSON that may not be any. @throws FormatError at a key that its object has twice, or below `deepest` levels */
export function checkKeys(where: string, json: string, deepest: number): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') {
      if (open.push(new Set()) > deepest)
        throw new FormatError(where, `of ${deepest} levels at most`, open.length);
    } else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      const text = json.slice(at, end);
      at = end - 1;
      colon.lastIndex = end;
      if (!colon.test(json)) continue;
      const key = JSON.parse(text) as string;
      if (open.at(-1)?.has(key)) throw new FormatError(where, 'without a name twice', key);
      open.at(-1)?.add(key);
    }
  }
}
