/** What the browser suite's page runs: it subscribes as its address says, and keeps what comes for the test to look at. */
import { Moments } from 'evenkeel';
import { fromWebSocket } from 'evenkeel/ws';

export interface PageLog {
  /** Each sample: its constructor's name and its values. */
  readonly received: [string, unknown][];
  readonly states: string[];
  readonly count: number[];
  outcome: string;
}

const query = new URLSearchParams(location.search);
const learned = new Moments(2);
const log: PageLog = { received: [], states: [], count: [], outcome: 'still going' };
Object.assign(globalThis, { log });

fromWebSocket<number[] | Float32Array>(query.get('url')!, {
  token: query.get('token')!,
  columns: 2,
  reconnect: { initialDelayMs: 20, maxDelayMs: 50, maxRetries: Number(query.get('maxRetries')) },
  onStatus: ({ state }) => log.states.push(state),
}).subscribe({
  next: (row) => {
    learned.update(row);
    log.count.splice(0, 2, ...learned.count);
    log.received.push([row.constructor.name, [...row]]);
  },
  error: (error) => {
    log.outcome = error.code;
  },
  complete: () => {
    log.outcome = 'complete';
  },
});
