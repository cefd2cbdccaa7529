/** Every example runs to its end, by itself, and shows what it is for. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const pictures = mkdtempSync(join(tmpdir(), 'evenkeel-'));
afterAll(() => rmSync(pictures, { recursive: true }));

const shown: Record<string, RegExp[]> = {
  'comparison.ts': [
    /^batch .*\n( +N\d +a{5} +b{5} +c{5} +d{5}\n){3}/m,
    /^layer .*\n +N0 +(a{5} *){4}\n +N1 +(b{5} *){4}\n +N2 +(c{5} *){4}\n/m,
    /^instance .*\n +N0 +aaaaa +b{5} +c{5} +d{5}\n +N1 +e{5} +f{5} +g{5} +h{5}\n +N2 +i{5} +j{5} +k{5} +l{5}\n/m,
    /^group .*\n +N0 +(a{5} *){2}(b{5} *){2}\n +N1 +(c{5} *){2}(d{5} *){2}\n +N2 +(e{5} *){2}(f{5} *){2}\n/m,
    /^batch +channel +N, L +yes /m,
    /^layer +sample +C, L +no /m,
    /^instance +sample and channel +L +no /m,
    /^group +sample and group of channels +C\/2, L +no /m,
    /^instance, tracked +sample and channel +L +yes /m,
  ],
  // Of 4 inputs, 32 outputs, 8 channels of 6 positions: 4 + 32·4 + 32 + 48·3 + 48 products, of which the folded have 32·4 + 48·3.
  'folding.ts': [
    /^with norms +356 multiplications, 440 additions a row$/m,
    /^folded +272 multiplications, 272 additions a row$/m,
    /^largest difference of 48000 outputs: \d\.\de-1[2-6]$/m,
  ],
  // The verdicts are of a quick run: those that hold by a wide margin there too.
  'learning.ts --quick': [
    /^ {2}× 0\.1 +plain +– +–$/m,
    /^ {2}× 10 +plain +× +×$/m,
    /^ {2}× 1 +batch norm +\d+ +\d+$/m,
    /^ {2}appears: the same loss in far fewer steps, each at its best\n.*: \d+\.\d times fewer, in 3 of 3 seeds/m,
    /^ {2}appears: learns at rates and initializations at which the plain network fails$/m,
    /^ {2}once trained, gamma from 0\.\d\d to 1\.\d\d, .*; beta from -0\.\d\d to 0\.\d\d, /m,
    /^ {2}appears: the identity is restored\n {4}41049 places, the farthest \d\.\de-\d+ degrees/m,
    /^ {2}rows a batch +32 +8 +2$/m,
    /^ {2}group norm( +\d+\.\d% \(\d+\.\d to \d+\.\d\)){3}$/m,
    /^ {2}appears: batch norm's error rises as batches get small\n.* in 3 of 3 seeds/m,
    /^ {2}appears: group norm's does not$/m,
    /^ {2}a batch is of +rows shuffled +1 run$/m,
    /^ {2}appears: batch norm fails where neighbours come together$/m,
    /^ {2}renorm, r to 3: renormClips, first layer: r clipped in 0% \(rows shuffled\), 9\d% \(1 run\) of batches$/m,
    /^ {2}(appears|does not appear): renorm, r to 3: recovers at least half of that$/m,
  ],
  'sensor-stream.ts': [
    /^16 rows, heap \d+(\.\d+)? ± \d+(\.\d+)? bytes$/m,
    /normalized: -?\d+\.\d{3} -?\d+\.\d{3} -?\d/,
  ],
  'shared-normalizer.ts': [
    /^10 batches learned, \d+ outdoor readings scored$/m,
    /^the last one: [45]\.\d\d °C, -\d\.\d\d sd from the mean of both$/m,
  ],
  // One batch is learned and not scored, as the model fails at it: 20 and 1, then 3 more.
  'supervised.ts': [
    /^starts with 0 batches, up to reading 0$/m,
    /^connection waiting, attempt \d+$/m,
    /^the model failed; again, with 1 learned$/m,
    /^health: \d+ learned, \d+ not saved$/m,
    /^stops with 21 batches, 0 saves failed\nstarts with 21 batches, up to reading [1-9]\d+$/m,
    /^stops with 24 batches, 0 saves failed$/m,
  ],
  'websocket-features.ts': [
    /^32 scores, the last -?\d+\.\d{3}$/m,
    /^96 trades scored; price 3\d{4}\.\d on average$/m,
  ],
};

test('every example is checked here', () => {
  const files = readdirSync('examples').filter((name) => name.endsWith('.ts'));
  expect(files.sort()).toEqual(Object.keys(shown).map((command) => command.split(' ')[0]));
});

test.each(Object.entries(shown))(
  '%s',
  (command, patterns) => {
    const [name, ...options] = command.split(' ');
    if (options.length > 0) options.push('--pictures', pictures);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', `examples/${name}`, ...options],
      { encoding: 'utf8', timeout: 120_000 },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const pattern of patterns) expect(stdout).toMatch(pattern);
  },
  150_000,
);

test.each(['speed', 'batch-size', 'sorted-stream'])('learning draws its picture of %s', (name) => {
  const svg = readFileSync(join(pictures, `learning-${name}.svg`), 'utf8');
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(svg).toContain('batch norm');
});
