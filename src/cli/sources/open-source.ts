/** The source that `--from` names. */
import { type Arguments, isUrl } from '../arguments.js';
import { fileSource, type Ready, standardInput } from './file.js';
import { liveSensors } from './live-sensors.js';
import type { Source } from './source.js';
import { webSocketSource } from './web-socket.js';

/**
 * @param ready resolves once there is room: a file is read no faster than that
 * @throws Failure if it cannot be opened
 */
export async function openSource(
  { from, token }: Pick<Arguments, 'from' | 'token'>,
  ready: Ready,
): Promise<Source> {
  if (from === 'sensors') return liveSensors();
  if (from === '-') return standardInput(ready);
  if (isUrl(from)) return webSocketSource(from, token === undefined ? {} : { token });
  return fileSource(from, ready);
}
