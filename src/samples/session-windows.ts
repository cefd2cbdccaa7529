/** Sessions: rows with less than a gap from one to the next. A row between two of them makes them one. */
import type { EventWindows } from './event-windows.js';

interface Session {
  /** The times of its first and last row. */
  first: number;
  last: number;
  rows: number;
}

/** A session ends a gap after its last row. */
export function sessionWindows(gap: number): EventWindows {
  /** Those that are open, in order: from one to the next there is a gap. */
  const sessions: Session[] = [];

  /** How many sessions a row of this time is not before. */
  function after(time: number): number {
    let [low, high] = [0, sessions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sessions[middle]!.first <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const isNear = (at: number, time: number): boolean => {
    const session = sessions[at];
    return session !== undefined && time < session.last + gap && session.first < time + gap;
  };

  const firstEnd = (): number => (sessions.length === 0 ? Infinity : sessions[0]!.last + gap);

  return {
    open(time, passed) {
      const at = after(time);
      return time + gap > passed || isNear(at - 1, time) || isNear(at, time) ? 'all' : 'none';
    },
    add(time) {
      const at = after(time);
      const earlier = isNear(at - 1, time) ? sessions[at - 1] : undefined;
      const later = isNear(at, time) ? sessions[at] : undefined;
      if (earlier) {
        earlier.last = Math.max(earlier.last, time);
        earlier.rows++;
      } else if (later) {
        later.first = time;
        later.rows++;
      } else sessions.splice(at, 0, { first: time, last: time, rows: 1 });
      if (earlier && later) {
        earlier.last = later.last;
        earlier.rows += later.rows;
        sessions.splice(at, 1);
      }
    },
    firstEnd,
    freeAt: firstEnd,
    lastEnd: () => sessions.at(-1)!.last + gap,
    close() {
      const { first, last, rows } = sessions.shift()!;
      return { start: first, end: last + gap, rows, last: rows };
    },
    drop(rows) {
      const session = sessions[0]!;
      if (--session.rows === 0) sessions.shift();
      else session.first = rows.timeAt(1);
    },
  };
}
