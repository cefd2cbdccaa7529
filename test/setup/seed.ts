import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    seed: number;
  }
}

/** One seed for every property of a run, printed so that the run can be repeated. */
export default function seed(project: TestProject): void {
  const value = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  if (!Number.isInteger(value)) throw new TypeError(`SEED must be an integer, got ${process.env['SEED']}`);
  project.provide('seed', value);
  console.log(`property tests: seed ${value} (repeat with SEED=${value} npm test)`);
}
