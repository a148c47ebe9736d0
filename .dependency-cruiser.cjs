/** The import table of docs/ARCHITECTURE.md, enforced. `only('x', [...])` reads: x may import nothing here but these. */
const layers =
  'domain|contract|services|storage|gateways|platform|matcher|activities|workflows|workers|temporal|api|scripts|test|bench';
const only = (from, allowed, comment) => ({
  name: `${from}-imports-only-what-the-map-says`,
  severity: 'error',
  comment,
  from: { path: `^${from}/`, pathNot: '(^|/)main\\.ts$' },
  to: { path: `^(${layers})/`, pathNot: `^(${[from, ...allowed].join('|')})/` },
});
/** Inside a layer one module never reaches into another's folder; shared files lie directly in the layer. */
const apart = (layer, allowed = []) => ({
  name: `${layer}-modules-stay-apart`,
  severity: 'error',
  comment: 'A module touches its own tables only, and calls another module through its exported functions.',
  from: { path: `^${layer}/([^/]+)/` },
  to: { path: `^${layer}/([^/]+)/.+\\.sql$`, pathNot: [`^${layer}/$1/`, ...allowed] },
});

module.exports = {
  forbidden: [
    only('domain', [], 'Pure rules: no I/O, no clock, no framework.'),
    {
      name: 'domain-has-no-packages',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    only('contract', ['domain'], 'What the outside sees.'),
    {
      name: 'clients-bring-no-server',
      severity: 'error',
      comment: 'Other services import them: the schemas come along, and nothing that serves.',
      from: { path: '^contract/clients/' },
      to: { path: '^node_modules/(?!(zod|cockatiel)/)', reachable: true },
    },
    only('platform', [], 'No business words.'),
    only('storage', ['domain', 'platform'], 'SQL and row mapping only.'),
    only('gateways', ['domain', 'platform'], 'Vendor words stop here.'),
    only('services', ['domain', 'storage', 'gateways', 'platform'], 'Use cases.'),
    only('matcher', ['domain', 'services', 'storage', 'platform'], 'The shell around the engine.'),
    {
      name: 'engine-is-pure',
      severity: 'error',
      from: { path: '^matcher/engine/' },
      to: { pathNot: '^(matcher/engine|domain)/' },
    },
    only('activities', ['domain', 'services', 'gateways', 'platform'], 'Temporal doors to services and gateways.'),
    only('workflows', ['domain', 'activities', 'temporal'], 'Deterministic: rules and proxies.'),
    {
      name: 'workflows-know-names-only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^temporal/', pathNot: '^temporal/names' },
    },
    {
      name: 'workflows-see-activities-as-types',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    only('temporal', ['domain', 'platform'], 'Names and plumbing.'),
    only('api', ['contract', 'domain', 'services', 'temporal', 'platform'], 'Never storage.'),
    {
      name: 'page-runs-in-the-browser',
      severity: 'error',
      comment: 'Served by api/rest/page.ts module by module: only rules and the charts go with it.',
      from: { path: '^api/page/' },
      to: { pathNot: '^(api/page|domain)/|/lightweight-charts/', dependencyTypesNot: ['type-only'] },
    },
    apart('storage'),
    {
      name: 'production-code-needs-no-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench|scripts)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      from: { path: `^(domain|contract|services|storage|platform|matcher|activities|workflows|workers|temporal|api)/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
