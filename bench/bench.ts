/** The library beside what one would use instead. Run: npm run bench -- --help */
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isReached, type Line } from './line.js';
import { flagsForShares } from './shares.js';
import type { Subject } from './subject.js';
import { subjects } from './subjects.js';
import { heading, tableRow, title } from './table.js';

const help = `npm run --silent bench -- [options]

  --only <text>  only what has the text in its name, or in the name of what it is compared with
  --quick        fewer and shorter rounds
  --json         one JSON document instead of the table
  --check        exit with 1 if a bound is missed
  --profile      where the time goes of what takes too long for its bound
  --help

Each subject runs in a process of its own. Contenders take turns; a ratio is that of two in the same round.`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const effort: Parameters<Subject['measure']>[0] = options.quick
  ? { rounds: 3, turn: 0.005, warmup: 0.02, longRun: 1e6, profile: options.profile }
  : { rounds: 21, turn: 0.02, warmup: 0.25, longRun: 1e7, profile: options.profile };

if (options.help) console.log(help);
else await run();

async function run(): Promise<void> {
  const wanted = options.only.toLowerCase();
  const isWanted = ({ name, against }: Subject): boolean =>
    [name, ...against].some((text) => text.toLowerCase().includes(wanted));
  const chosen = subjects.filter(isWanted);
  if (chosen.length === 0) throw new Error(`nothing has ${JSON.stringify(options.only)} in its name`);
  const show = options.json ? console.error : console.log; // so that one sees it go on
  if (!options.json) show(heading);
  const lines: (Line & {
    readonly subject: string;
    readonly per: string;
    readonly reached: boolean | null;
  })[] = [];
  for (const subject of chosen) {
    show(title(subject));
    for (const line of await measured(subject)) {
      show(tableRow(line));
      lines.push({ subject: subject.name, per: subject.per, ...line, reached: isReached(line) ?? null });
    }
  }
  const missed = lines.filter(({ reached }) => reached === false).length;
  const bounds = lines.filter(({ reached }) => reached !== null).length;
  const machine = { node: process.version, processor: cpus()[0]?.model, processors: cpus().length };
  if (options.json) console.log(JSON.stringify({ machine, effort, lines }, null, 1));
  else show(`\n${bounds - missed} of ${bounds} bounds reached; Node ${machine.node}, ${machine.processor}`);
  if (options.check && missed > 0) process.exitCode = 1;
}

/** What cannot be measured is told, and nothing else stops for it. */
function measured({ name, flags = [] }: Subject): Promise<readonly Line[]> {
  return new Promise((resolve) => {
    const child = fork(new URL('measure.ts', import.meta.url), [name, JSON.stringify(effort)], {
      execArgv: [...process.execArgv, '--expose-gc', ...flags, ...(options.profile ? flagsForShares : [])],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let lines: readonly Line[] = [];
    child.once('message', (message) => {
      lines = (message as { readonly lines: readonly Line[] }).lines;
    });
    child.once('close', (code) => {
      if (code !== 0) {
        console.error(`could not be measured: ${name}`);
        process.exitCode = 1;
      }
      resolve(lines);
    });
  });
}
