/**
 * What is wrong with the options together, or with one that may hold a secret: what is refused while it is parsed is
 * shown, and that is not to be.
 */
import { checkToken } from '../adapters/ws/bearer.js';
import { type Arguments, isPath, isUrl } from './arguments.js';
import { goesByAge } from './missing-option.js';
import { goesByTime, showRunning } from './running-option.js';

function isToken(text: string): boolean {
  try {
    return checkToken(text) === text;
  } catch {
    return false;
  }
}

function canConnect(text: string): boolean {
  return URL.canParse(text) && new URL(text).hash === '';
}

function canServe(text: string): boolean {
  const url = /^ws:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && !url.search && !url.hash && !url.username && !url.password;
}

const rules: readonly ((args: Arguments) => string | false | undefined)[] = [
  ({ eval: evaluating, state }) =>
    evaluating && state === undefined && '--eval needs --state: what to normalize with',
  ({ from }) => isUrl(from) && !canConnect(from) && '--from must be a url such as ws://127.0.0.1:8080/path',
  ({ to }) =>
    to !== undefined &&
    to !== '-' &&
    !canServe(to) &&
    '--to must be - or a url to serve at, such as ws://127.0.0.1:8080/path',
  ({ token, from }) => token !== undefined && !isUrl(from) && '--token is for a ws:// source',
  ({ token }) =>
    token !== undefined && !isToken(token) && 'the token must be one or more visible ASCII characters',
  ({ from, timestamp }) =>
    timestamp && from === 'sensors' && '--timestamp is for samples that have one; the sensors have none',
  ({ speed, from }) =>
    speed !== undefined &&
    (isUrl(from) || from === 'sensors') &&
    '--speed is for a file: what is live has its own',
  ({ speed, timestamp }) =>
    speed !== undefined && timestamp === undefined && '--speed needs --timestamp: when each row happened',
  ({ lateness, timestamp }) =>
    lateness !== undefined &&
    timestamp === undefined &&
    '--lateness needs --timestamp: when each row happened',
  ({ maxAhead, timestamp }) =>
    maxAhead !== undefined &&
    timestamp === undefined &&
    '--max-ahead needs --timestamp: when each row happened',
  ({ running, timestamp }) =>
    goesByTime(running) &&
    timestamp === undefined &&
    `${showRunning(running!)} needs --timestamp: when each row happened`,
  ({ from, timestamp, onMissing }) =>
    timestamp === undefined &&
    isPath(from) &&
    onMissing !== undefined &&
    [onMissing.others, ...onMissing.features.values()].some(goesByAge) &&
    '--on-missing last of a duration needs --timestamp in a file: when each row happened',
  ({ drift, key }) =>
    drift !== undefined && key !== undefined && '--drift is of all rows: it cannot be with --key',
  ({ maxKeys, key }) => maxKeys !== undefined && key === undefined && '--max-keys needs --key',
  ({ timestamp, key }) =>
    key !== undefined && timestamp?.name === key && '--key and --timestamp cannot be the same',
];

/** The first thing that is wrong; undefined where all is well. */
export function faultOf(args: Arguments): string | undefined {
  for (const rule of rules) {
    const fault = rule(args);
    if (fault) return fault;
  }
  return undefined;
}
