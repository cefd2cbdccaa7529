import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { of } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { fromNative, type NativeObservable, toNative } from '../../src/index.js';
import { inChromium, isThere, launch } from '../chromium.js';
import { FakeObservable } from './fake-native.js';

const expected = {
  'from: values, and the end': ['next 1,2', 'next 3', 'complete'],
  'from: an error, and one thrown': ['error oops', 'error thrown'],
  'from: a source that does not wait stops when there is enough': [
    'next 0',
    'next 1',
    'complete',
    'teardown',
    'stopped at 2',
  ],
  'from: unsubscribing aborts, and the last of several lets go': [
    'opened',
    'next 0',
    'next 0',
    'next 1',
    'teardown',
  ],
  'to: values, and the end': ['next 1', 'next 2', 'complete', 'next 1', 'error oops'],
  'to: aborting unsubscribes, also from a source that does not wait': [
    'next 0',
    'next 1',
    'teardown',
    'stopped at 2',
  ],
  'to: several share one subscription': [
    'next 0',
    'next 0',
    'observed: true',
    'next 1',
    'observed: false',
    'complete',
  ],
  'there and back': ['next 1', 'next 2', 'complete'],
};

const entry = fileURLToPath(new URL('native-job.ts', import.meta.url));
const library = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

describe('with an Observable by the specification', () => {
  afterEach(() => void vi.unstubAllGlobals());

  test('each becomes the other, and lets go', async () => {
    vi.stubGlobal('Observable', FakeObservable);
    const { job } = await import('./native-job.js');
    expect(job()).toEqual(expected);
  });

  test('types go along', () => {
    vi.stubGlobal('Observable', FakeObservable);
    const native = toNative(of(1));
    expectTypeOf(native).toEqualTypeOf<NativeObservable<number>>();
    expect(native).toBeInstanceOf(FakeObservable);
    fromNative(native).subscribe((x) => expectTypeOf(x).toEqualTypeOf<number>());
  });

  test('what is given is checked at once', () => {
    const option = (name: string) => expect.objectContaining({ code: 'EVENKEEL_OPTION', option: name });
    vi.stubGlobal('Observable', FakeObservable);
    for (const wrong of [null, 5, {}, { subscribe: 5 }])
      expect(() => fromNative(wrong as never)).toThrow(option('native'));
    expect(() => toNative({ subscribe() {} } as never)).toThrow(option('observable'));
    vi.stubGlobal('Observable', undefined);
    expect(() => toNative(of(1))).toThrow(option('globalThis.Observable'));
  });
});

describe.skipIf(!isThere)(inChromium, () => {
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    browser = await launch();
  }, 120_000);
  afterAll(() => browser?.close());

  test('with the platform’s own Observable', async (context) => {
    const { outputFiles } = await build({
      entryPoints: [entry],
      alias: { evenkeel: library },
      bundle: true,
      format: 'iife',
      globalName: 'native',
      write: false,
    });
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    const hasOne = await page.evaluate(() => typeof Object(globalThis).Observable === 'function');
    context.skip(!hasOne, 'this Chromium has no Observable: 135 is the first');
    await page.addScriptTag({ content: outputFiles[0]!.text });
    expect(await page.evaluate(() => Object(globalThis).native.job())).toEqual(expected);
    expect(errors).toEqual([]);
    await page.close();
  }, 120_000);
});
