/** Every piece of code in the README and in the docstrings compiles, runs, and prints what it says it prints. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Snippet, snippetsOfMarkdown, snippetsOfSource } from './snippet.js';

const folder = join(import.meta.dirname, '.generated');
beforeAll(() => void mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written({ code }: Snippet, name: string): string {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, code);
  return file;
}

/** What the compiler says of them, at its strictest. */
function complaints(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const program = ts.createProgram(files, options);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.text}\n${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** What a piece of code prints, until it has printed as much as it promised. */
async function printed(snippet: Snippet, name: string): Promise<string[]> {
  const file = written(snippet, name);
  const { promised } = snippet;
  const lines: string[] = [];
  const { log } = console;
  const enough = new Promise<void>((resolve) => {
    console.log = (...values) => {
      lines.push(...format(...values).split('\n'));
      if (lines.length >= promised.length) resolve();
    };
  });
  try {
    await import(/* @vite-ignore */ file);
    if (promised.length > 0) await enough;
    await new Promise(setImmediate); // and no more than that
  } finally {
    console.log = log;
  }
  return lines;
}

const readme = snippetsOfMarkdown('README.md');
const docstrings = snippetsOfSource('src');

test('there are snippets to run', () => {
  expect(readme.length).toBeGreaterThanOrEqual(4);
  expect(docstrings.length).toBeGreaterThanOrEqual(7);
});

test('they compile', () => {
  const files = [...readme, ...docstrings].map((snippet, i) => written(snippet, `compiled-${i}`));
  expect(complaints(files)).toEqual([]);
}, 60_000);

describe.each([
  ['readme', readme],
  ['docstring', docstrings],
])('%s', (kind, snippets) => {
  test.each(snippets.map((snippet, i) => ({ ...snippet, name: `${kind}-${i}` })))(
    '$place',
    async (snippet) => {
      expect(await printed(snippet, snippet.name)).toEqual(snippet.promised);
    },
    10_000,
  );
});
