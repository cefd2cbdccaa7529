/**
 * gamma and beta are trained: small networks learn online to tell the region of a postal code from where it is, and what
 * the articles claim of the norms is looked for. Every network is trained by a stream, in one subscription; several seeds
 * each; whether a claim appears is computed.
 *
 * Run: npm run example:learning, about a minute. Behind ` -- `: `--quick`, fewer seeds and steps; `--pictures FOLDER`, the
 * charts as SVG (those in docs/ are of a full run).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './learning/finding.js';
import { inProcess, names } from './learning/in-process.js';
import { svgOf } from './learning/picture.js';

const { quick, pictures } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, pictures: { type: 'string' } },
}).values;

function print({ title, lines, verdicts }: Finding): void {
  console.log(`\n${title}\n`);
  for (const line of lines) console.log(`  ${line}`);
  for (const { claim, appears, by } of verdicts)
    console.log(`  ${appears ? 'appears' : 'does not appear'}: ${claim}\n    ${by}`);
}

async function draw(name: string, { chart }: Finding, folder: string): Promise<void> {
  if (!chart) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `learning-${name}.svg`), await svgOf(chart));
}

const findings = names.map((name) => [name, inProcess(name, quick)] as const); // all at once
for (const [name, found] of findings) {
  const finding = await found;
  print(finding);
  if (pictures) await draw(name, finding, pictures);
}
