import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Arguments } from '../../src/cli/arguments.js';
import { parseArguments, type Told } from '../../src/cli/parse-arguments.js';

const parsed = (...args: string[]): Arguments | Told => parseArguments(args, '1.2.3');
const refusal = (...args: string[]): string => {
  const result = parsed(...args);
  if (!('told' in result) || !result.failed) throw new Error(`was not refused: ${JSON.stringify(result)}`);
  return result.told;
};

const file = ['--from', 'data.csv'];

describe('arguments', () => {
  test('by default: the sensors, 32 rows a minibatch', () => {
    expect(parsed()).toEqual({ from: 'sensors', size: 32 });
  });

  test('all of them', () => {
    const line =
      '--from ws://host/ --to - --features a,b --size 8 --max-wait 250 --running half-life=1000 --eps 0 ' +
      '--batches 3 --state s.json --eval --skip-invalid --token secret';
    expect(parsed(...line.split(' '))).toEqual({
      from: 'ws://host/',
      to: '-',
      features: ['a', 'b'],
      size: 8,
      maxWait: 250,
      running: { halfLifeRows: 1000 },
      eps: 0,
      batches: 3,
      state: 's.json',
      eval: true,
      skipInvalid: true,
      token: 'secret',
    });
  });

  test.each([
    ['pooled', 'pooled'],
    ['average', 'average'],
    ['momentum=0.1', { momentum: 0.1 }],
    ['momentum=1', { momentum: 1 }],
    ['half-life=1e3', { halfLifeRows: 1000 }],
    ['half-life=1.5h', { halfLifeMs: 5_400_000 }],
    ['window=64', { windowRows: 64 }],
    ['window=64s', { windowMs: 64_000 }],
  ])('--running %s', (text, running) => {
    expect(parsed(...file, '--timestamp', 't', '--running', text)).toMatchObject({ running });
  });

  test.each([
    ['--size', '0', 'a whole number from 1 up'],
    ['--size', '1.5', 'a whole number from 1 up'],
    ['--size', '0x10', 'a whole number from 1 up'],
    ['--batches', '-1', 'a whole number from 1 up'],
    ['--max-wait', '1e3', 'milliseconds'],
    ['--timestamp', '', 'a column or key'],
    ['--timestamp', ':s', 'a column or key'],
    ['--timestamp', 't', 'the sensors have none'],
    ['--speed', '-1', 'a finite number from 0 up'],
    ['--speed', '', 'a finite number from 0 up'],
    ['--lateness', '-1s', 'milliseconds, or such as'],
    ['--lateness', '5s', '--lateness needs --timestamp'],
    ['--lateness', '9'.repeat(400), 'milliseconds, or such as'],
    ['--max-ahead', '1w', 'milliseconds, or such as'],
    ['--max-ahead', '1m', '--max-ahead needs --timestamp'],
    ['--window', '0', 'a positive integer'],
    ['--window', '1.5', 'a positive integer'],
    ['--window', '5m', 'window=5m needs --timestamp'],
    ['--half-life', '5x', 'half-life=1000, half-life=5m'],
    ['--half-life', '5m', 'half-life=5m needs --timestamp'],
    ['--running', 'window=1h', 'window=1h needs --timestamp'],
    ['--on-missing', '', 'error, skip, keep, mean, last'],
    ['--on-missing', 'median', 'error, skip, keep, mean, last'],
    ['--on-missing', 'last:0', 'error, skip, keep, mean, last'],
    ['--on-missing', 'mean,last', 'one policy a feature'],
    ['--on-missing', 'a=mean,a=last', 'one policy a feature'],
    ['--limits', 'a', 'such as temp=-40..60'],
    ['--limits', 'a=60..-40', 'such as temp=-40..60'],
    ['--limits', 'a=1..2..3', 'such as temp=-40..60'],
    ['--limits', 'a=0..1,a=0..2', 'one range a feature'],
    ['--key', '', 'a column or key'],
    ['--max-keys', '10', '--max-keys needs --key'],
    ['--drift', '0', 'a whole number from 2 up'],
    ['--drift', '1', 'a whole number from 2 up'],
    ['--max-wait', '2147483648', 'milliseconds'],
    ['--eps', '-1', 'a finite number from 0 up'],
    ['--eps', '', 'a finite number from 0 up'],
    ['--eps', 'Infinity', 'a finite number from 0 up'],
    ['--running', 'momentum', 'pooled, average, momentum=0.1, half-life=1000'],
    ['--running', 'momentum=', 'pooled, average, momentum=0.1, half-life=1000'],
    ['--running', 'momentum=2', 'from 0 to 1'],
    ['--running', 'half-life=0', 'a finite number from'],
    ['--running', 'halflife=10', 'pooled, average, momentum=0.1, half-life=1000'],
    ['--features', 'a,,b', 'names with commas between them'],
    ['--features', 'a,b,a', '"a" is there twice'],
    ['--from', '', 'a file, - or ws://'],
    ['--from', 'ws://', 'a url such as'],
    ['--from', 'ws://host/#part', 'a url such as'],
    ['--to', 'out.json', '- or a url to serve at'],
    ['--to', 'ws://host/path?query', '- or a url to serve at'],
    ['--to', 'wss://host/path', '- or a url to serve at'],
    ['--state', '', 'a file'],
    ['--token', 'secret', 'for a ws:// source'],
  ])('%s %j is refused: %s', (option, value, expected) => {
    expect(refusal(option, value)).toContain(expected);
  });

  const url = 'ws://host/';

  test.each([
    ['--from', 'ws://me:secret#1@host/'],
    ['--from', 'ws://me:secret@host/#part'],
    ['--to', 'ws://me:secret@host/'],
    ['--to', 'ws://:secret@host/'],
    ['--to', 'wss://host/?token=secret'],
    ['--from', url, '--token', 'two secret words'],
    ['--from', 'data.csv', '--token', 'secret'],
  ])('what may be a secret is not shown when it is refused: %s %s', (...args) => {
    expect(refusal(...args)).not.toContain('secret');
  });

  test('a token is one or more visible ASCII characters', () => {
    for (const token of ['', 'two words', 'é'])
      expect(refusal('--from', url, '--token', token)).toMatch(/visible ASCII/);
  });

  test('the token of the environment is used where there is none else, and looked at only then', () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('EVENKEEL_TOKEN', 'secret');
    expect(parsed('--from', url)).toMatchObject({ token: 'secret' });
    expect(parsed('--from', url, '--token', 'other')).toMatchObject({ token: 'other' });
    expect(parsed()).toEqual({ from: 'sensors', size: 32 });
    vi.stubEnv('EVENKEEL_TOKEN', 'two words');
    expect(refusal('--from', url)).toMatch(/visible ASCII/);
    expect(parsed()).toEqual({ from: 'sensors', size: 32 });
    vi.stubEnv('EVENKEEL_TOKEN', '');
    expect(parsed('--from', url)).toEqual({ from: url, size: 32 });
  });

  test('a misspelt option, a stray argument, an option without its value', () => {
    expect(refusal('--sise', '3')).toMatch(/unknown option '--sise'/);
    expect(refusal('data.csv')).toMatch(/too many arguments/);
    expect(refusal('--size')).toMatch(/argument missing/);
  });

  test('durations are milliseconds, or have a unit', () => {
    expect(parsed('--max-wait', '1.5s')).toMatchObject({ maxWait: 1500 });
  });

  test('--timestamp, and its unit', () => {
    expect(parsed('--from', 'a.csv', '--timestamp', 'recv:s')).toMatchObject({
      timestamp: { name: 'recv', unit: 1000 },
    });
  });

  test.each([
    [['--window', '64', '--half-life', '64'], '--window and --half-life'],
    [['--running', 'pooled', '--window', '64'], '--running and --window'],
    [['--key', 't', '--timestamp', 't'], '--key and --timestamp'],
    [['--key', 'id', '--drift'], '--drift is of all rows'],
  ])('%j contradict each other', (args, expected) => {
    expect(refusal(...file, ...args)).toContain(expected);
  });

  test('--window and --half-life are ways of --running', () => {
    expect(parsed('--window', '64')).toMatchObject({ running: { windowRows: 64 } });
    expect(parsed('--half-life', '1e3')).toMatchObject({ running: { halfLifeRows: 1000 } });
    expect(parsed('--window', '64')).not.toHaveProperty('window');
  });

  test('--drift, of so many rows', () => {
    expect(parsed('--drift')).toMatchObject({ drift: 256 });
    expect(parsed('--drift', '2')).toMatchObject({ drift: 2 });
    expect(parsed('--drift', '64')).toMatchObject({ drift: 64 });
  });

  test('--on-missing and --limits: one for all, or one a feature, whatever is in its name', () => {
    expect(parsed('--on-missing', 'skip,a=last:1h,b=c=mean')).toMatchObject({
      onMissing: {
        others: 'skip',
        features: new Map<string, unknown>([
          ['a', { last: 3_600_000 }],
          ['b=c', 'mean'],
        ]),
      },
    });
    expect(parsed('--on-missing', 'last')).toMatchObject({ onMissing: { others: { last: Infinity } } });
    expect(parsed('--limits', 'a=-40..60,b=..1e3,0..')).toMatchObject({
      limits: {
        others: [0, Infinity],
        features: new Map([
          ['a', [-40, 60]],
          ['b', [-Infinity, 1000]],
        ]),
      },
    });
  });

  test('--on-missing last:1h goes by --timestamp in a file; what is live goes by when it came', () => {
    for (const how of ['last:1h', 'skip,a=last:1h', 'a=mean,b=last:5']) {
      expect(refusal(...file, '--on-missing', how)).toMatch(
        /--on-missing last of a duration needs --timestamp/,
      );
      expect(parsed(...file, '--on-missing', how, '--timestamp', 't')).toHaveProperty('onMissing');
      for (const from of ['-', 'sensors', url])
        expect(parsed('--from', from, '--on-missing', how)).toHaveProperty('onMissing');
    }
    for (const how of ['last', 'mean,a=last', 'keep'])
      expect(parsed(...file, '--on-missing', how)).toHaveProperty('onMissing');
  });

  test('--speed is for files, by their timestamps', () => {
    expect(parsed('--from', 'a.csv', '--timestamp', 't', '--speed', '0.5')).toMatchObject({ speed: 0.5 });
    expect(refusal('--from', 'a.csv', '--speed', '1')).toMatch(/--speed needs --timestamp/);
    expect(refusal('--from', url, '--timestamp', 't', '--speed', '1')).toMatch(/--speed is for a file/);
  });

  test('--eval is of no use without --state', () => {
    expect(refusal('--eval')).toMatch(/--eval needs --state/);
  });

  test('--help and --version are no failures', () => {
    expect(parsed('--version')).toEqual({ told: '1.2.3\n', failed: false });
    const help = parsed('--help') as Told;
    expect(help.failed).toBe(false);
    const options =
      'from to features size max-wait timestamp speed lateness max-ahead key max-keys on-missing limits drift ' +
      'running window half-life eps batches state eval skip-invalid token';
    for (const option of options.split(' ')) expect(help.told).toContain(`--${option} `);
    for (const code of [0, 64, 65, 66, 69, 74, 78])
      expect(help.told).toMatch(new RegExp(`^ +${code}  \\w`, 'm'));
    expect(help.told).toContain('Examples:');
  });

  test('--help fits a terminal of 80 columns', () => {
    const { told } = parsed('--help') as Told;
    expect(told.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
