/**
 * Sees to a Chromium for the browser suite, where it can: Debian, root, apt-get. Prints one line and never fails; without
 * a browser that suite is skipped and says so in its name. CHROMIUM names an executable to use instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = () => [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
const apt = (limitMs, ...args) =>
  spawnSync('/usr/bin/apt-get', ['-o', 'DPkg::Lock::Timeout=400', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
    timeout: limitMs,
  }).status === 0;
const install = () => apt(600_000, 'install', '-y', '--no-install-recommends', 'chromium');

function outcome() {
  if (found()) return `${found()} is here`;
  const skipped = 'the browser suite will be skipped';
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    return `no Chromium, and only root on Debian can have it installed: ${skipped}`;
  }
  if (install() || (apt(300_000, 'update') && install())) return `installed ${found() ?? 'nothing'}`;
  return `no Chromium, and apt-get could not install it: ${skipped}`;
}

console.log(`browser: ${outcome()}`);
