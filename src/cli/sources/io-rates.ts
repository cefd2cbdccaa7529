/** Disk and network rates. Asking takes tens of milliseconds, so it is done once a second and the last answer holds. */
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { catchError, defer, EMPTY, exhaustMap, interval } from 'rxjs';
import { fsStats, networkStats, type Systeminformation } from 'systeminformation';

/** A flat sample: names to numbers, the same names in every one. */
export type Reading = Record<string, number>;

const PERIOD_MS = 1000;
/** A first rate takes two answers, and they are taken anew after half a second at the soonest. */
const FIRST_PERIOD_MS = 600;
/** A system that takes longer to answer at the start goes without. */
const PATIENCE_MS = 3000;
const KIBIBYTE = 1024;

const nothing = async (): Promise<undefined> => undefined;

const isLoopback = (name: string): boolean =>
  networkInterfaces()[name]?.some(({ internal }) => internal) ?? name.startsWith('lo');

/** Of all interfaces; undefined where there is none, or one has no rate yet. */
function total(
  networks: Systeminformation.NetworkStatsData[] | undefined,
  rate: 'rx_sec' | 'tx_sec',
): number | undefined {
  if (networks === undefined || networks.length === 0) return undefined;
  // The library says null where it has no rate yet, whatever its types say.
  const rates = networks.map((network): number | null => network[rate]);
  return rates.some((perSecond) => perSecond === null)
    ? undefined
    : rates.reduce<number>((a, b) => a + b!, 0);
}

async function ask(): Promise<Reading> {
  // Either says nothing, or null, where the system has no such thing.
  const [disk, networks] = await Promise.all([fsStats().catch(nothing), networkStats('*').catch(nothing)]);
  const outside = networks?.filter(({ iface }) => !isLoopback(iface));
  const rates: Record<string, number | null | undefined> = {
    disk_read_kib_s: disk?.rx_sec,
    disk_write_kib_s: disk?.wx_sec,
    net_received_kib_s: total(outside, 'rx_sec'),
    net_sent_kib_s: total(outside, 'tx_sec'),
  };
  const known = Object.entries(rates).filter((rate): rate is [string, number] => Number.isFinite(rate[1]));
  return Object.fromEntries(known.map(([name, perSecond]) => [name, perSecond / KIBIBYTE]));
}

async function firstRates(): Promise<Reading> {
  await ask();
  await delay(FIRST_PERIOD_MS);
  return ask();
}

export interface IoRates {
  read(): Reading;
  close(): void;
}

/** Starts asking. A rate that is not there at the start is left out for good. */
export async function ioRates(): Promise<IoRates> {
  let rates: Reading = await Promise.race([firstRates(), delay(PATIENCE_MS, {}, { ref: false })]);
  const names = Object.keys(rates);
  const asking = interval(PERIOD_MS)
    .pipe(exhaustMap(() => defer(ask).pipe(catchError(() => EMPTY))))
    .subscribe((latest) => {
      rates = Object.fromEntries(names.map((name) => [name, latest[name] ?? rates[name]!]));
    });
  return { read: () => rates, close: () => asking.unsubscribe() };
}
