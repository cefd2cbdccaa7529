/** On a page and in a worker: the module is there at once, without a request, and gives Node's bits. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inChromium, isThere, launch } from '../chromium.js';
import { type Bundle, bundleJob } from './bundled-job.js';
import { job, type Outcome } from './job.js';

const files: Record<string, string> = {
  '/': '<!doctype html><script type="module" src="/page.js"></script>',
  '/page.js': `
    import { job } from '/job.js';
    const page = job();
    const worker = new Worker('/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => { globalThis.outcomes = { page, worker: data }; };`,
  '/worker.js': `
    import { job } from '/job.js';
    postMessage(job());`,
};

describe.skipIf(!isThere)(inChromium, () => {
  let bundle: Bundle;
  let browser: Browser;
  let server: Server | undefined;

  beforeAll(async () => {
    bundle = await bundleJob();
    browser = await launch();
  }, 120_000);
  afterEach(() => {
    server?.close().closeAllConnections();
  });
  afterAll(async () => {
    await browser?.close();
    await bundle?.remove();
  });

  /** What the page and its worker came to, what was requested for it, and what went wrong. */
  async function visit(policy: string | undefined) {
    const requested = new Set<string>();
    server = createServer((request, response) => {
      const path = request.url!;
      requested.add(path);
      const text = path === '/job.js' ? bundle.code : files[path];
      if (policy) response.setHeader('content-security-policy', policy);
      response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
      response.writeHead(text === undefined ? 404 : 200).end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on('request', (request) => requested.add(request.url().replace(`${origin}/`, '/')));
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(origin);
    const outcomes = await page.waitForFunction(() => Object(globalThis).outcomes);
    const { page: onPage, worker } = (await outcomes.jsonValue()) as Record<'page' | 'worker', Outcome>;
    await page.close();
    requested.delete('/favicon.ico');
    return { onPage, worker, requested: [...requested].sort(), errors };
  }

  const requested = ['/', '/job.js', '/page.js', '/worker.js'];
  const { hashes } = job();

  it('is compiled where it is needed, without a request', async () => {
    const outcome = { simd: true, hashes };
    expect(await visit(undefined)).toEqual({ onPage: outcome, worker: outcome, requested, errors: [] });
  });
  it('is compiled under a policy that allows it', async () => {
    const outcome = { simd: true, hashes };
    expect(await visit("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")).toEqual({
      onPage: outcome,
      worker: outcome,
      requested,
      errors: [],
    });
  });
  it('is done without, to the same bits, under a policy that forbids it', async () => {
    const outcome = { simd: false, hashes };
    expect(await visit("default-src 'self'")).toEqual({
      onPage: outcome,
      worker: outcome,
      requested,
      errors: [],
    });
  });
});
