/** The command line: what it says, checked. */
import { Command } from 'commander';
import type { RunningMode } from '../running/running-mode.js';
import { type Arguments, isUrl } from './arguments.js';
import { helpAfter } from './help.js';
import { faultOf } from './option-faults.js';
import {
  eps,
  factor,
  features,
  halfLife,
  length,
  limits,
  named,
  onMissing,
  running,
  timestamp,
  wait,
  wholeFrom,
  window,
} from './option-values.js';

/** How a parse ends other than with arguments: what is to be told, and whether that is an error. */
export interface Told {
  readonly told: string;
  readonly failed: boolean;
}

/** Empty is as good as none, as it is in a file of settings. */
function tokenOfEnvironment(from: string): string | undefined {
  return (isUrl(from) && process.env['EVENKEEL_TOKEN']) || undefined;
}

function command(version: string): Command {
  return new Command('evenkeel')
    .description(
      'Keeps live data on an even keel: windows samples into minibatches, keeps running statistics and ' +
        'emits the minibatches normalized. By default it watches the sensors of this machine.',
    )
    .option(
      '--from <source>',
      'sensors | ws://host:port/path | file | -',
      named('a file, - or ws://…'),
      'sensors',
    )
    .option('--to <sink>', '- | ws://host:port/path (serves there)')
    .option('--features <a,b,c>', 'the features to use, in this order', features)
    .option('--size <rows>', 'rows a minibatch', wholeFrom(1), 32)
    .option('--max-wait <ms>', 'close a minibatch this long after its first row (1000; a file: never)', wait)
    .option('--timestamp <name>', 'the column or key that has the time; name:s is seconds', timestamp)
    .option('--speed <factor>', 'replay a file by its timestamps, so many times as fast', factor)
    .option('--lateness <ms>', 'put rows in the order of their times that come up to 5s, 1m, … late', length)
    .option(
      '--max-ahead <ms>',
      "leave out rows whose time is more than 5s, 1m, … ahead of this machine's clock",
      length,
    )
    .option(
      '--key <name>',
      'the column or key whose values have statistics of their own',
      named('a column or key'),
    )
    .option('--max-keys <n>', 'how many of them at most, the latest (1000)', wholeFrom(1))
    .option(
      '--on-missing <how>',
      'error | skip | keep | mean | last | last:1h | a=last:1h,b=mean  (error)',
      onMissing,
    )
    .option(
      '--limits <a=-40..60>',
      'put rows aside with a value outside; -40..60 is for all features',
      limits,
    )
    .option('--drift [rows]', 'tell when so many recent rows differ from those before (256)', wholeFrom(2))
    .option('--running <how>', 'pooled | average | momentum=0.1  (pooled)', running)
    .option('--window <rows>', 'the same, of the latest 1000 rows, or of the latest 5m, 1h, …', window)
    .option(
      '--half-life <rows>',
      'the same, and half as much of what is 1000 rows, or 5m, 1h, … old',
      halfLife,
    )
    .option('--eps <number>', 'added to the variance (1e-5)', eps)
    .option('--batches <n>', 'stop after this many', wholeFrom(1))
    .option(
      '--state <file>',
      'resume from this file if it exists, and save to it while learning',
      named('a file'),
    )
    .option('--eval', 'normalize with what --state has learned; learn nothing, write nothing')
    .option('--skip-invalid', 'count malformed lines and values and go on, rather than stop')
    .option('--token <token>', 'bearer token of a ws:// source (by default that of EVENKEEL_TOKEN)')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this')
    .addHelpText('after', helpAfter)
    .allowExcessArguments(false);
}

/** Ways of one thing, as options of their own. */
interface Said extends Arguments {
  readonly window?: RunningMode;
  readonly halfLife?: RunningMode;
}

const DRIFT_ROWS = 256;

/** @returns what two options are that contradict each other, where there are such */
function settled({ window, halfLife, ...said }: Said): Arguments | string {
  const ways = Object.entries({ '--running': said.running, '--window': window, '--half-life': halfLife });
  const [one, other] = ways.filter(([, way]) => way !== undefined);
  if (one && other) return `${one[0]} and ${other[0]} are ways of one thing: give one of them`;
  const { token = tokenOfEnvironment(said.from) } = said;
  const drift: unknown = said.drift; // commander's true where no number was given
  return {
    ...said,
    ...(one && { running: one[1]! }),
    ...(drift === true && { drift: DRIFT_ROWS }),
    ...(token !== undefined && { token }),
  };
}

/** Reads the arguments that follow the command's name. */
export function parseArguments(args: readonly string[], version: string): Arguments | Told {
  let told = '';
  const program = command(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (told += text), writeErr: (text) => (told += text) });
  try {
    program.parse(args, { from: 'user' });
    const given = settled(program.opts<Said>());
    const wrong = typeof given === 'string' ? given : faultOf(given);
    if (wrong !== undefined) program.error(`error: ${wrong}`);
    return given as Arguments;
  } catch (error) {
    const { exitCode } = error as { exitCode?: number };
    if (exitCode === undefined) throw error;
    return { told, failed: exitCode !== 0 };
  }
}
