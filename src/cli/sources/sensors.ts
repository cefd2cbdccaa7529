/** What this machine's own sensors say, ten times a second. */
import { cpus, freemem, loadavg, platform, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { finalize, interval, map, type Observable } from 'rxjs';
import { ioRates, type Reading } from './io-rates.js';

const PERIOD_MS = 100;
const LOOP_RESOLUTION_MS = 10;
const MEBIBYTE = 2 ** 20;

/** Busy share of each core since the last call, in percent; what it was where no time was counted between. */
function cpuSensor(): () => Reading {
  const times = (): { busy: number; all: number }[] =>
    cpus().map(({ times: { user, nice, sys, irq, idle } }) => {
      const busy = user + nice + sys + irq;
      return { busy, all: busy + idle };
    });
  let before = times();
  const percent = before.map(() => 0);
  return () => {
    const now = times();
    percent.forEach((_, i) => {
      const [from, to] = [before[i], now[i]];
      if (from && to && to.all > from.all) percent[i] = (100 * (to.busy - from.busy)) / (to.all - from.all);
    });
    if (now.length === before.length) before = now;
    return Object.fromEntries(percent.map((value, i) => [`cpu${i}_percent`, value]));
  };
}

/** How late the event loop was since the last call, on average, in milliseconds. */
function loopSensor(): { read: () => Reading; close: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  histogram.enable();
  let [count, sum, late] = [0, 0, 0];
  const read = (): Reading => {
    // From its totals, as a reset would lose the delay that is under way.
    const total = histogram.count > 0 ? histogram.mean * histogram.count : 0;
    const ticks = histogram.count - count;
    if (ticks > 0) late = Math.max((total - sum) / ticks / 1e6 - LOOP_RESOLUTION_MS, 0);
    [count, sum] = [histogram.count, total];
    return { loop_delay_ms: late };
  };
  return { read, close: () => histogram.disable() };
}

function memorySensor(): Reading {
  return { memory_used_mib: (totalmem() - freemem()) / MEBIBYTE };
}

/** Windows knows no load average, and says 0. */
function loadSensor(): Reading {
  return platform() === 'win32' ? {} : { load1: loadavg()[0]! };
}

/** Starts the sensors; which there are is decided here, once. Stops them when the subscription ends. */
export async function startSensors(): Promise<Observable<Reading>> {
  const io = await ioRates();
  const [cpu, loop] = [cpuSensor(), loopSensor()];
  return interval(PERIOD_MS).pipe(
    map(() => ({ ...loadSensor(), ...memorySensor(), ...loop.read(), ...io.read(), ...cpu() })),
    finalize(() => {
      loop.close();
      io.close();
    }),
  );
}
