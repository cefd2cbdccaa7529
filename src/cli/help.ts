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
  a file, -  CSV with a header line and commas, or NDJSON: a number, an array
             of numbers or an object a line. *.csv is CSV, *.ndjson and *.jsonl
             are NDJSON; any other, and standard input (-), is NDJSON if it
             starts with { [ - or a digit, else CSV
  ws://…     JSON messages, each one sample or an array of samples, or binary
             ones, each a row of float32 (little-endian)

  Features are, unless named with --features: in CSV the columns whose first
  cell is a number, in objects the keys whose first value is a number, in
  arrays f0, f1, and so on. One whose first cell is empty (or value null), or in
  an object a number in quotes, is a feature if --on-missing or --limits names
  it; else it is left out, and that is told on standard error. A first object
  that lacks a key so named is malformed.
  A cell is a plain decimal number, or an infinity (inf, -inf, Infinity, in
  capitals or not), which is not finite; an empty one, or NaN, is missing. In
  JSON what is in quotes (a number, an infinity, NaN, nothing) is malformed,
  unless its feature is named: then it is what it would be in a cell. A
  malformed line, or a value that is missing or not a finite number, ends the
  run with code 65, all before it learned and saved. With --skip-invalid it is
  counted and left out.
  A line of JSON, and the cells of a CSV row, may have 1,048,576 characters, a
  WebSocket message 1 MiB. What is longer is malformed. After a CSV row that is
  (mostly a quote that is never closed) nothing can be read: it ends the run,
  even with --skip-invalid.
  The end of the input closes its last minibatch, however few its rows. One of
  a single row is normalized with the running statistics.

Streams:
  Durations are milliseconds, or such as 250ms, 5s, 1m, 2h, 3d.
  --timestamp NAME is the column or key that says when a row happened: a number
  of milliseconds since the epoch, or of the unit behind a colon (time:s, :ms,
  :us, :ns), or a date: ISO 8601, or 2024-05-17 13:45:00; without a zone, UTC.
  Anything else is malformed. It is no feature, unless it is named as one; nor
  is the key.
  --speed FACTOR reads a file at the pace of its timestamps, so many times as
  fast; a row earlier than one before it comes at once. It is live then. 0 is as
  fast as it can be read, as without it.
  --lateness 5s puts rows in the order of their times, and holds them that long
  of these times; rows that are later are counted (late) and left out. A live
  source that is silent for as long is not waited for. At most 1,048,576 rows
  are held; beyond that the earliest go on early.
  --max-ahead 1m counts rows whose time is further ahead of this machine's clock
  (ahead) and leaves them out, before all else: one wrong clock would make late
  all that follows. A run that goes on within a file judges it all by the clock
  of that run.
  --on-missing error | skip | keep | mean | last | last:1h says what becomes of
  a value that is missing: it is malformed, its row is counted and left out, it
  stays NaN ("NaN" in the output, and counts for nothing), or it is the mean of
  the values, or the last one (of the last hour), of this run; with --key, of
  its own. By feature: skip,wind=last:1h,temp=mean. With no such value yet, it
  stays NaN. An hour is of --timestamp, which a file needs for it; without, what
  comes from standard input, sensors or ws:// goes by when it came.
  --limits temp=-40..60,wind=0.. counts rows with a value outside (quarantined),
  or an infinite one, and leaves them out of everything. -40..60 is for all
  features, or for all others: -40..60,wind=0..
  --window 1000, or 5m, keeps the running statistics of the latest rows, or of
  that much time; a minibatch belongs to it for as long as its last row does, so
  with --size 1 it is exact to a row. --half-life 1000, or 5m, has old rows
  fade. Both are ways of --running: window=1000, half-life=5m. By time, a
  minibatch whose latest row is older than the window, or by 500 half-lives
  older than the latest before it, is normalized but not learned, and its rows
  are counted (late).
  --key NAME keeps minibatches and statistics for each value of a column or
  key; those of the --max-keys used last. Others are forgotten, with --state
  too, and counted; the first time, that is told on standard error.
  --drift 256 compares so many recent rows with what --state has learned of all
  rows, or else with the first ones, and tells on standard error when a feature
  begins to differ by more than chance, and when it no longer does. What has
  seasons drifts with each of them. 2 rows are the least that have a variance.

Output:
  On a terminal a live table. Elsewhere, or with --to -, a line of JSON for each
  minibatch:
    {"batch","key","rows","features","normalized":[[…],…],
     "mean","sd","runningMean","runningSd",
     "drift":{"shift","logVarianceRatio","divergence","alarms"}}
  mean and sd are the minibatch's own, before it was normalized (divided by n);
  the running ones are of all learned so far, it included (pooled: divided by
  n - 1). key is there with --key, drift with --drift.
  What JSON has no number for is a string: "NaN", "Infinity". A mean or sd of
  no values is NaN; so is a runningSd (pooled) of one. Values whose squares
  leave float64 (beyond about 1e154, or within 1e-154 of each other) show a sd
  of Infinity, or of 0.
  --to ws://… sends each normalized tensor to each subscriber, as rows; a large
  one in several messages. With port 0 a free port is taken; the url is told on
  standard error. A file or a pipe is read while there is a subscriber, and no
  faster than all of them read. Sensors and WebSockets do not wait: for who is
  behind, here or at the lines of JSON, 16 MiB are kept.
  Dropped are lines and messages that a reader was too slow for or left behind:
  counted for each subscriber, each a minibatch or a part of one. A reading of
  the sensors that comes too fast for this machine counts as one, too.

State:
  --state FILE keeps the features, the running statistics (of all keys) and the
  options they were learned with (--running, --eps); a run that resumes need not
  name them. It is replaced as a whole, about once a second and at the end of
  the run, whatever ends it; the one before it is kept as FILE.1. It has a
  checksum: where it is damaged, FILE.1 is gone by, and that is told; a run that
  finds both damaged is refused, and so are options or features that contradict
  it. A first sample that has only some of the features is malformed.
  Where it cannot be written, on a full disk, the run goes on and tries again
  each second: that is told, and so is that it is saved again. The last state
  saved stays. If that of the end cannot be written either, the code is 74. A
  folder that is not there, or may not be written to, is refused at the start.
  It also keeps how far a file was read. A run that did not come to the end of
  its file (killed, Ctrl-C, --batches, a malformed line), started again with the
  same --from, reads it again and goes on behind the last minibatch saved: the
  end is the same, bit for bit. (One that is stopped within a minibatch by
  Ctrl-C ends that one early.) "batch" and the summary count from there on. Once
  it has come to the end, the next run starts at the beginning. It is the same
  file if its path and its first 64 KiB (or as many bytes as it had) are the
  same and it is no shorter; it may have grown. --drift goes on too, unless it
  is of another number of rows. What decides which rows come (--timestamp,
  --lateness, --limits, --on-missing, --max-keys with it) has to be as it was:
  else that is refused, and what differs is told. A run that reads
  anything else gives the place up, and that is told: read once more, that file
  starts at its beginning, and what was learned of it counts twice.

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
  evenkeel --from weather.csv --timestamp date --speed 86400
  evenkeel --from trades.ndjson --key symbol --timestamp E --features price
  tail -f log.ndjson | evenkeel --from - --on-missing last:1m --half-life 1000
  evenkeel --from ws://127.0.0.1:8080 --to ws://127.0.0.1:9090/normalized
`;
