/** Every example runs to its end, by itself, and shows what it is for. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

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
  'sensor-stream.ts': [
    /^16 rows, heap \d+(\.\d+)? ± \d+(\.\d+)? bytes$/m,
    /normalized: -?\d+\.\d{3} -?\d+\.\d{3} -?\d/,
  ],
  'shared-normalizer.ts': [
    /^10 batches learned, \d+ outdoor readings scored$/m,
    /^the last one: [45]\.\d\d °C, -\d\.\d\d sd from the mean of both$/m,
  ],
  'websocket-features.ts': [
    /^32 scores, the last -?\d+\.\d{3}$/m,
    /^96 trades scored; price 3\d{4}\.\d on average$/m,
  ],
};

test('every example is checked here', () => {
  const files = readdirSync('examples').filter((name) => name.endsWith('.ts'));
  expect(files.sort()).toEqual(Object.keys(shown).sort());
});

test.each(Object.entries(shown))('%s', (name, patterns) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', `examples/${name}`], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const pattern of patterns) expect(stdout).toMatch(pattern);
});
