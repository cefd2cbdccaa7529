/** The library beside what one would use instead. Run: npm run bench -- --help */
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isReached, type Line } from './line.js';
import type { Effort } from './side-by-side.js';
import type { Subject } from './subject.js';
import { subjects } from './subjects.js';
import { heading, tableRow, title } from './table.js';

const help = `npm run --silent bench -- [options]

  --only <text>  only what has the text in its name, or in the name of what it is compared with
  --quick        fewer and shorter rounds
  --json         one JSON document instead of the table
  --check        exit with 1 if a bound is missed
  --help

Each subject runs in a process of its own. Contenders take turns; a ratio is that of two in the same round.`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const effort: Effort = options.quick
  ? { rounds: 3, turn: 0.005, warmup: 0.02 }
  : { rounds: 21, turn: 0.02, warmup: 0.25 };

if (options.help) console.log(help);
else await run();

async function run(): Promise<void> {
  const wanted = options.only.toLowerCase();
  const isWanted = ({ name, against }: Subject): boolean =>
    [name, ...against].some((text) => text.toLowerCase().includes(wanted));
  const chosen = subjects.filter(isWanted);
  if (chosen.length === 0) throw new Error(`nothing has ${JSON.stringify(options.only)} in its name`);
  if (!options.json) console.log(heading);
  const all: (Line & { readonly subject: string; readonly per: string; readonly reached: boolean | null })[] =
    [];
  for (const subject of chosen) {
    if (options.json) console.error(subject.name);
    else console.log(title(subject));
    for (const line of await measured(subject)) {
      all.push({ subject: subject.name, per: subject.per, ...line, reached: isReached(line) ?? null });
      if (!options.json) console.log(tableRow(line));
    }
  }
  const missed = all.filter(({ reached }) => reached === false).length;
  const bounds = all.filter(({ reached }) => reached !== null).length;
  if (options.json) {
    const machine = { node: process.version, processor: cpus()[0]?.model, processors: cpus().length };
    console.log(JSON.stringify({ machine, effort, lines: all }, null, 1));
  } else
    console.log(
      `\n${bounds - missed} of ${bounds} bounds reached, Node ${process.version}, ${cpus()[0]?.model}`,
    );
  if (options.check && missed > 0) process.exitCode = 1;
}

function measured({ name, flags = [] }: Subject): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('measure.ts', import.meta.url), [name, JSON.stringify(effort)], {
      execArgv: [...process.execArgv, '--expose-gc', ...flags],
    });
    let lines: Line[] | undefined;
    child.once('message', (message) => {
      ({ lines } = message as { lines: Line[] });
    });
    child.once('close', (code) => {
      if (lines !== undefined && code === 0) resolve(lines);
      else reject(new Error(`could not be measured: ${name}`));
    });
  });
}
