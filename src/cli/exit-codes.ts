/** How the command ends: the codes of sysexits.h, so that scripts can tell a bad line from a dead socket. */
export const exitCodes = {
  done: 0,
  badArguments: 64,
  badInput: 65,
  noInput: 66,
  noConnection: 69,
  fault: 70,
  noOutput: 74,
  badState: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each code means, as `--help` tells it. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.done, 'done: the input ended, --batches was reached, Ctrl-C, or the reader closed'],
  [exitCodes.badArguments, 'bad arguments'],
  [exitCodes.badInput, 'malformed input: a line, a message or a value that cannot be used'],
  [exitCodes.noInput, 'the input is missing or cannot be read'],
  [exitCodes.noConnection, 'a connection could not be made, or was lost for good'],
  [exitCodes.fault, 'a fault of evenkeel itself: please report it'],
  [exitCodes.noOutput, 'the output, or the state of the end, could not be written'],
  [exitCodes.badState, 'the saved state cannot be used: damaged, of other features, or of other options'],
];

/** What ends a run early: one line for people, one code for scripts. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** The few words the system has for what went wrong with a file or a socket, without its call and path. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EISDIR: 'is a directory',
    ENOTDIR: 'not a directory',
    ENOSPC: 'no space left',
    EROFS: 'read-only file system',
    EADDRINUSE: 'the address is in use',
    EADDRNOTAVAIL: 'the address is not of this machine',
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'host not found',
  };
  return (code !== undefined && words[code]) || message || String(error);
}

/** Any error as what ends a run. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'EVENKEEL_CONNECTION') return new Failure(exitCodes.noConnection, String(message), error);
  return new Failure(exitCodes.fault, `unexpected: ${message ?? error}`, error);
}
