/** Pieces of code in the documentation, and what they promise to print. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Snippet {
  /** File and line, for the test's name. */
  readonly place: string;
  readonly code: string;
  /** What the comments behind `console.log(…)`, and on the lines after it, say is printed. */
  readonly promised: readonly string[];
}

const promiseOf = (line: string, afterPrint: boolean): string | undefined =>
  /^.*console\.log\(.*\/\/ (.*)$/.exec(line)?.[1] ?? (afterPrint ? /^\/\/ (.*)$/.exec(line)?.[1] : undefined);

function snippet(place: string, code: string): Snippet {
  const promised: string[] = [];
  let afterPrint = false;
  for (const line of code.split('\n')) {
    const promise = promiseOf(line.trim(), afterPrint);
    if (promise !== undefined) promised.push(promise);
    afterPrint ||= line.includes('console.log(');
  }
  return { place, code, promised };
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** The ```ts blocks of a Markdown file. */
export function snippetsOfMarkdown(path: string): Snippet[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) =>
    snippet(`${path}:${lineOf(text, match.index)}`, match[1]!),
  );
}

/** The @example of every docstring below a folder. */
export function snippetsOfSource(folder: string): Snippet[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.sort().flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return [...text.matchAll(/@example\n((?: *\* ?.*\n)*?)(?= *\*\/| *\* @)/g)].map((match) =>
      snippet(`${join(folder, name)}:${lineOf(text, match.index)}`, match[1]!.replace(/^ *\* ?/gm, '')),
    );
  });
}
