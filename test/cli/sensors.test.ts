/** The sensors, on a machine that says what the test wants. */
import * as os from 'node:os';
import { firstValueFrom } from 'rxjs';
import { fsStats, networkStats, type Systeminformation } from 'systeminformation';
import { describe, expect, test, vi } from 'vitest';
import { startSensors } from '../../src/cli/sources/sensors.js';

vi.mock('node:os');
vi.mock('systeminformation');

const times = { user: 0, nice: 0, sys: 0, irq: 0, idle: 0 };
const core = (more: Partial<typeof times>): os.CpuInfo => ({
  model: '',
  speed: 0,
  times: { ...times, ...more },
});

describe('the sensors', () => {
  test('in their units: percent busy, MiB used, KiB a second but for loopback', async () => {
    vi.mocked(os.cpus)
      .mockReturnValueOnce([core({}), core({})])
      .mockReturnValue([core({ user: 10, nice: 5, sys: 20, irq: 15, idle: 50 }), core({ sys: 1, idle: 3 })]);
    vi.mocked(os.totalmem).mockReturnValue(8 * 2 ** 20);
    vi.mocked(os.freemem).mockReturnValue(3 * 2 ** 20);
    vi.mocked(os.platform).mockReturnValue('linux');
    vi.mocked(os.loadavg).mockReturnValue([1.5, 2.5, 3.5]);
    const address = { address: '', netmask: '', mac: '', cidr: null, family: 'IPv4' } as const;
    vi.mocked(os.networkInterfaces).mockReturnValue({
      lo: [{ ...address, internal: true }],
      eth0: [{ ...address, internal: false }],
      eth1: [{ ...address, internal: false }],
    });
    const rates = (iface: string, rx_sec: number, tx_sec: number) => ({ iface, rx_sec, tx_sec });
    vi.mocked(fsStats).mockResolvedValue({ rx_sec: 2048, wx_sec: 512 } as Systeminformation.FsStatsData);
    vi.mocked(networkStats).mockResolvedValue([
      rates('lo', 2 ** 20, 2 ** 20),
      rates('eth0', 1024, 2048),
      rates('eth1', 2048, 3072),
    ] as Systeminformation.NetworkStatsData[]);

    expect(await firstValueFrom(await startSensors())).toEqual({
      load1: 1.5,
      memory_used_mib: 5,
      loop_delay_ms: expect.any(Number),
      disk_read_kib_s: 2,
      disk_write_kib_s: 0.5,
      net_received_kib_s: 3,
      net_sent_kib_s: 5,
      cpu0_percent: 50,
      cpu1_percent: 25,
    });
  });
});
