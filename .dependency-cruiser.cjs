// Imports go downward only. A floor is a folder (or some), and the rooms of one floor meet only through its contract.
const floors = [
  ['errors', '^src/errors\\.ts$'],
  [
    'tensors and kernels',
    '^src/((tensor|tensor-pool|block|recent|check-values|row|options|times|json|plain-object|affine|fifo)\\.ts|kernels/)',
  ],
  ['statistics and samples', '^src/(stats|samples)/'],
  ['running statistics and drift', '^src/(running|drift)/'],
  ['normalizers', '^src/normalizers/'],
  ['states of many keys', '^src/keyed/'],
  ['folding and checkpoints', '^src/(folding|checkpoints)/'],
  ['interchange', '^src/interop/'],
  ['operators', '^src/operators/'],
  ['streams', '^src/streams/'],
  ['adapters', '^src/adapters/'],
  ['command', '^src/cli/'],
  ['index', '^src/index\\.ts$'],
];

const downward = floors.slice(0, -1).map(([name, path], i) => ({
  name: `${name}: imports go downward only`,
  severity: 'error',
  from: { path },
  to: { path: floors.slice(i + 1).map(([, above]) => above) },
}));

/** The rooms below `folder` know only the floor's contract; `doors` may know all of them. */
const contract = (folder, contracts, doors = '^$') => ({
  name: `${folder}: rooms meet only through their contract`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: doors },
  to: { path: `^src/${folder}/`, pathNot: contracts },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...downward,
    {
      name: 'every file is on a floor',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: floors.map(([, path]) => path) },
    },
    contract(
      'stats',
      '/(statistic|summary|known-moments|moments|read-only-moments|moments-json|kll-sketch-json|window-(span|json))\\.ts$',
    ),
    contract(
      'samples',
      '/(timestamp|reader|overflow|key|time-queue|event-windows|ticks)\\.ts$',
      'intake\\.ts$',
    ),
    contract('running', '/(running|location)\\.ts$', 'running-mode\\.ts$'),
    contract('drift', '/(drift-of|alarms|drift-rule|detector)\\.ts$', 'drift-monitor\\.ts$'),
    contract(
      'normalizers',
      '/(normalizer|normalize-into|norm|trailing-norm|tracked-norm|gradient|parameters|placement|renorm|scaler|saved-scaler|divisor)\\.ts$|-options\\.ts$',
    ),
    contract('folding', '/folded\\.ts$'),
    contract('checkpoints', '/(checkpoint-store|envelope)\\.ts$'),
    contract(
      'interop',
      '/(foreign|complement|expressible|half|json-keys|safetensors(-header)?|(pytorch-(module|state))|keras-(layer|axes|normalization)|onnx-node|sklearn-scaler|known-scaler)\\.ts$',
      'index\\.ts$',
    ),
    contract(
      'operators',
      '/(operate|normalize|carry|watched|windowed|bound|event-time|lull|wrong-clock|mend-rows|tally|level|batching|scaling|annotate|clock-windowed|rolling|sliding-window|aligner|keyed-source|item-counts|align-options)\\.ts$',
    ),
    contract('streams', '/(drain|feeds?|handoff|iterate|staged|waiting)\\.ts$'),
    {
      name: 'adapters know nothing of each other',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'rxjs from the operators up',
      severity: 'error',
      from: { path: floors.slice(0, 8).map(([, path]) => path) },
      to: { path: '(^|/)rxjs(/|$)' },
    },
    {
      name: 'what runs in a browser needs rxjs at most',
      severity: 'error',
      from: {
        path: [
          ...floors.slice(0, 9).map(([, path]) => path),
          '^src/(index|interop/index|adapters/[^/]+/browser)\\.ts$',
        ],
      },
      to: { path: '.', pathNot: '^src/|(^|/)rxjs(/|$)' },
    },
    {
      name: 'index re-exports the library, no adapter nor foreign format',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/(interop|adapters|cli)/' },
    },
    {
      name: 'index of the browser entry reaches nothing of Node',
      severity: 'error',
      from: { path: '^src/(index|interop/index|adapters/[^/]+/browser)\\.ts$' },
      to: { reachable: true, path: '.', pathNot: '^src/|(^|/)(rxjs|tslib)(/|$)' },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(index|cli/main)\\.ts$' },
      to: {},
    },
    {
      name: 'no development dependency in the product',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'npm', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
