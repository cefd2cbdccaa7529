// Imports go downward only. A floor is a folder; a room may import its own floor only through the floor's contract.
const floor = (name, from, to) => ({
  name,
  severity: 'error',
  comment: 'imports go downward only',
  from: { path: from },
  to: { path: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    floor('F0-errors', '^src/errors\\.ts$', '.+'),
    floor('F1-tensor-and-kernels', '^src/(tensor\\.ts|kernels/)', '^src/(stats|normalizers|operators|adapters|cli|index)'),
    floor('F2-stats', '^src/stats/', '^src/(normalizers|operators|adapters|cli|index)'),
    floor('F3-normalizers', '^src/normalizers/', '^src/(operators|adapters|cli|index)'),
    floor('F4-operators', '^src/operators/', '^src/(adapters|cli|index)'),
    floor('F5-adapters', '^src/adapters/', '^src/(cli|index)'),
    { name: 'adapters-apart', severity: 'error', from: { path: '^src/adapters/([^/]+)/' }, to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' } },
    { name: 'rxjs-from-operators-up', severity: 'error', from: { path: '^src/(errors|tensor|kernels|stats|normalizers)' }, to: { path: 'node_modules/rxjs|^rxjs' } },
    {
      name: 'root-runs-in-a-browser',
      severity: 'error',
      comment: 'what index.ts and the browser entry reach: rxjs and nothing of Node',
      from: { path: '^src/(errors|tensor|index|kernels|stats|normalizers|operators|adapters/ws/browser)' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg'], pathNot: 'node_modules/rxjs' },
    },
    { name: 'index-has-no-adapter', severity: 'error', from: { path: '^src/index\\.ts$' }, to: { path: '^src/(adapters|cli)' } },
    { name: 'src-needs-no-test', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|examples|bench)/' } },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'], pathNot: 'node_modules/(rxjs|@types)' },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '(main|index|browser)\\.ts$' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
