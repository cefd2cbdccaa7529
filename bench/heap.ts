/** What is alive. Needs node --expose-gc. */
export function heap(): number {
  if (globalThis.gc === undefined) throw new Error('run with node --expose-gc');
  for (const _ of [1, 2]) globalThis.gc(); // the second waits for what the first still frees beside the program
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
