/** The experiments, each in a process of its own, side by side. Both ends of it are here. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { batchSize } from './batch-size.js';
import type { Finding } from './finding.js';
import { identity } from './identity.js';
import { sortedStream } from './sorted-stream.js';
import { speed } from './speed.js';

const experiments = { identity, speed, 'batch-size': batchSize, 'sorted-stream': sortedStream };
type Name = keyof typeof experiments;
export const names = Object.keys(experiments) as Name[];

const here = fileURLToPath(import.meta.url);

/** Starts an experiment; what it finds. */
export const inProcess = (name: Name, quick: boolean): Promise<Finding> =>
  new Promise((resolve, reject) => {
    const child = fork(here, [name, String(quick)], { serialization: 'advanced' }); // keeps Infinity
    child.on('message', resolve);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });

if (process.argv[1] === here) {
  const [name, quick] = process.argv.slice(2);
  process.send!(await experiments[name as Name](quick === 'true'));
}
