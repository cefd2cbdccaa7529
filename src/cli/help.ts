import { exitCodeMeanings } from './exit-codes.js';

/** Words in lines of at most 78 columns, all but the first set in. */
function hanging(text: string, indent: string): string {
  return text.split(' ').reduce((lines, word) => {
    const last = lines.slice(lines.lastIndexOf('\n') + 1);
    const start = last === lines ? indent.length + last.length : last.length;
    return start + 1 + word.length > 78 ? `${lines}\n${indent}${word}` : `${lines} ${word}`;
  });
}

const codes = exitCodeMeanings.map(
  ([code, meaning]) => `  ${String(code).padStart(2)}  ${hanging(meaning, '      ')}`,
);

/** What `--help` says after the options, for a terminal of 80 columns. */
export const helpAfter: string = `
Input:
  sensors    CPU a core, memory, load, event-loop delay, disk and network
             rates of this machine, ten times a second, over a WebSocket on
             loopback
  a file, -  CSV with a header line, or NDJSON: a number, an array of numbers
             or an object a line. *.csv is CSV, *.ndjson and *.jsonl are NDJSON;
             any other, and standard input (-), is NDJSON if it starts with
             { [ - or a digit, else CSV
  ws://…     JSON messages, each one sample or an array of samples, or binary
             ones, each a row of float32 (little-endian)

  Features are, unless named with --features: in CSV the columns whose first
  cell is a number, in objects the keys whose first value is a number, in
  arrays f0, f1, and so on.
  A cell is a plain decimal number; an empty one, or NaN, is missing. In JSON
  a number in quotes is no number. A malformed line, or a value that is missing
  or not a finite number, ends the run with code 65, all before it learned and
  saved. With --skip-invalid it is counted and left out.
  A line of JSON, and the cells of a CSV row, may have 1,048,576 characters, a
  WebSocket message 1 MiB. What is longer is malformed. After a CSV row that is
  (mostly a quote that is never closed) nothing can be read: it ends the run,
  even with --skip-invalid.
  The end of the input closes its last minibatch, however few its rows. One of
  a single row is normalized with the running statistics.

Output:
  On a terminal a live table. Elsewhere, or with --to -, a line of JSON for each
  minibatch:
    {"batch","rows","features","normalized":[[…],…],
     "mean","sd","runningMean","runningSd"}
  mean and sd are the minibatch's own, before it was normalized (divided by n);
  the running ones are of all learned so far, it included (pooled: divided by
  n - 1).
  What JSON has no number for is a string: "NaN", "Infinity". Values whose
  squares leave float64 (beyond about 1e154, or within 1e-154 of each other)
  show a sd of Infinity, or of 0.
  --to ws://… sends each normalized tensor to each subscriber, as rows; a large
  one in several messages. With port 0 a free port is taken; the url is told on
  standard error. A file or a pipe is read while there is a subscriber, and no
  faster than all of them read. Sensors and WebSockets do not wait: for who is
  behind, here or at the lines of JSON, 16 MiB are kept.
  Dropped are lines and messages that a reader was too slow for or left behind:
  counted for each subscriber, each a minibatch or a part of one. A reading of
  the sensors that comes too fast for this machine counts as one, too.

State:
  --state FILE keeps the features, the running statistics and the options they
  were learned with (--running, --eps); a run that resumes need not name them.
  It is replaced as a whole, about once a second and at the end of the run,
  whatever ends it. Options or features that contradict it are refused, and so
  is a damaged file. A first sample that has only some of the features is
  malformed. A run that is stopped between two minibatches and resumed ends
  with the same file, bit for bit, as one that was not; one that is stopped
  within a minibatch ends that one early.

Ctrl-C ends the run in order: the open minibatch is closed and learned, the
state saved; a line that its writer had not finished is left out. A second one
exits at once, with code 130.

Exit codes:
${codes.join('\n')}
  An error is one line on standard error; another sums up what was learned.

Examples:
  evenkeel
  evenkeel --from data.csv --features temp,wind --state weather.json
  evenkeel --from today.csv --state weather.json --eval > normalized.ndjson
  tail -f log.ndjson | evenkeel --from - --size 64 --running half-life=1000
  evenkeel --from ws://127.0.0.1:8080 --to ws://127.0.0.1:9090/normalized
`;
