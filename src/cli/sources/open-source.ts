/** The source that `--from` names. */
import { type Arguments, isUrl } from '../arguments.js';
import { fileSource, type Pace } from './file.js';
import { liveSensors } from './live-sensors.js';
import { Replay } from './replay.js';
import type { Source } from './source.js';
import { webSocketSource } from './web-socket.js';

/**
 * @param ready resolves once there is room: a file is read no faster than that, a minibatch at a time
 * @param resumedAt the place up to which it was read before; a replay goes on from there
 * @throws Failure if it cannot be opened
 */
export async function openSource(
  args: Pick<Arguments, 'from' | 'token' | 'size' | 'timestamp' | 'speed' | 'maxAhead'>,
  ready: Pace['ready'],
  resumedAt: number,
): Promise<Source> {
  const { from, token, size, timestamp, speed, maxAhead } = args;
  if (from === 'sensors') return liveSensors();
  if (isUrl(from)) return webSocketSource(from, token === undefined ? {} : { token });
  const replay =
    timestamp && speed ? new Replay({ timestamp, speed, maxAhead, after: resumedAt }) : undefined;
  return fileSource(from, { ready, rows: size, replay });
}
