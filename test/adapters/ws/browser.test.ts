import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensor } from 'evenkeel';
import { serveWebSocket, type WebSocketGateway } from 'evenkeel/ws';
import type { Browser, Page } from 'playwright-core';
import { of } from 'rxjs';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inChromium, isThere, launch } from '../../chromium.js';
import type { PageLog } from './browser-page.js';

const token = 'it/is+a=secret~';

describe.skipIf(!isThere)(inChromium, () => {
  const sources = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  let directory: string;
  let script: string;
  let browser: Browser;
  let page: Page;
  let servers: Server[] = [];
  let gateway: WebSocketGateway;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evenkeel-browser-'));
    await build({
      configFile: false,
      logLevel: 'silent',
      root: directory,
      resolve: {
        alias: [
          { find: /^evenkeel$/, replacement: sources('../../../src/index.ts') },
          { find: /^evenkeel\/ws$/, replacement: sources('../../../src/adapters/ws/browser.ts') },
        ],
      },
      build: {
        outDir: directory,
        emptyOutDir: false,
        minify: false,
        lib: { entry: sources('browser-page.ts'), formats: ['es'], fileName: () => 'page.js' },
      },
    });
    script = await readFile(join(directory, 'page.js'), 'utf8');
    browser = await launch();
  }, 120_000);

  afterEach(async () => {
    await page?.close();
    await gateway?.close();
    for (const server of servers) server.close().closeAllConnections();
    servers = [];
  });

  afterAll(async () => {
    await browser?.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Serves the page from an origin of its own. */
  async function pageOrigin(): Promise<string> {
    const server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function visit(origin: string, query: Record<string, string>): Promise<void> {
    page = await browser.newPage();
    await page.goto(
      `${origin}/?${new URLSearchParams({ url: gateway.url, token, maxRetries: '1000', ...query })}`,
    );
  }

  const log = (): Promise<PageLog> => page.evaluate(() => (globalThis as unknown as { log: PageLog }).log);
  const received = (count: number): Promise<unknown> =>
    page.waitForFunction((n) => (globalThis as unknown as { log: PageLog }).log.received.length === n, count);
  const ended = (): Promise<unknown> =>
    page.waitForFunction(() => (globalThis as unknown as { log: PageLog }).log.outcome !== 'still going');
  const connected = async (): Promise<void> => {
    while (gateway.counters.clients === 0) await new Promise(setImmediate);
  };

  it('receives text and binary samples, survives a restart of the server, and learns from both lives', async () => {
    const origin = await pageOrigin();
    gateway = await serveWebSocket({ origins: [origin], token });
    await visit(origin, {});
    await connected();
    of(tensor([1, 2, 3, 4], [2, 2]))
      .pipe(gateway.broadcast())
      .subscribe();
    await received(2);

    await gateway.close();
    gateway = await serveWebSocket({ origins: [origin], token, port: Number(new URL(gateway.url).port) });
    await connected();
    of(tensor([5, 6, 7.5, Number.NaN], [2, 2]))
      .pipe(gateway.broadcast({ format: 'binary' }))
      .subscribe();
    await received(4);

    await gateway.close(1000);
    await ended();
    const { states, ...rest } = await log();
    expect(rest).toEqual({
      received: [
        ['Array', [1, 2]],
        ['Array', [3, 4]],
        ['Float32Array', [5, 6]],
        ['Float32Array', [7.5, Number.NaN]],
      ],
      count: [4, 3],
      outcome: 'complete',
    });
    expect(states.filter((state) => state === 'open')).toHaveLength(2);
  });

  it('is refused where its origin is not on the list', async () => {
    gateway = await serveWebSocket({ origins: [await pageOrigin()], token });
    await visit(await pageOrigin(), { maxRetries: '1' });
    await ended();
    expect(await log()).toMatchObject({
      received: [],
      states: ['connecting', 'waiting', 'connecting'],
      outcome: 'EVENKEEL_CONNECTION',
    });
  });

  it('is refused where its token is wrong', async () => {
    const origin = await pageOrigin();
    gateway = await serveWebSocket({ origins: [origin], token });
    await visit(origin, { token: 'wrong', maxRetries: '0' });
    await ended();
    expect(await log()).toMatchObject({
      received: [],
      states: ['connecting'],
      outcome: 'EVENKEEL_CONNECTION',
    });
  });

  it('is of rxjs and Evenkeel alone: nothing of Node, nor of ws', () => {
    const foreign = /^import |\brequire\(|browser-external|EventEmitter|Sec-WebSocket/m.exec(script);
    expect(foreign?.[0]).toBeUndefined();
  });
});
