/** The sensors of this machine, served over a real WebSocket on loopback and read from it as any client would. */
import { serveWebSocket } from '../../adapters/ws/index.js';
import { startSensors } from './sensors.js';
import type { Source } from './source.js';
import { webSocketSource } from './web-socket.js';

export async function liveSensors(): Promise<Source> {
  const readings$ = await startSensors();
  const gateway = await serveWebSocket();
  const sending = readings$.pipe(gateway.broadcast()).subscribe();
  return {
    ...webSocketSource(gateway.url),
    name: `this machine's sensors, over ${gateway.url}`,
    dropped: () => gateway.counters.dropped,
    close: async () => {
      sending.unsubscribe();
      await gateway.close();
    },
  };
}
