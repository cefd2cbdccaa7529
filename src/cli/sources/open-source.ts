/** The source that `--from` names. */
import { type Arguments, isUrl } from '../arguments.js';
import { fileSource, type Pace } from './file.js';
import { liveSensors } from './live-sensors.js';
import type { Source } from './source.js';
import { webSocketSource } from './web-socket.js';

/**
 * @param ready resolves once there is room: a file is read no faster than that, a minibatch at a time
 * @throws Failure if it cannot be opened
 */
export async function openSource(
  { from, token, size }: Pick<Arguments, 'from' | 'token' | 'size'>,
  ready: Pace['ready'],
): Promise<Source> {
  if (from === 'sensors') return liveSensors();
  if (isUrl(from)) return webSocketSource(from, token === undefined ? {} : { token });
  return fileSource(from, { ready, rows: size });
}
