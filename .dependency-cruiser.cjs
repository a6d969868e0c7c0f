// The floors of the house: a file imports from its own room, from rooms beside it that are listed, and from floors below.
const ground = 'core|crypto|policy|vector-index'
const first = 'store|embed|unlock|relay|chain'
const second = 'seal|walrus|search|memory|mpc'
const third = 'locket[^/]*|tabs|network|localnet|worker|testkit|index'
const path = (rooms) => `^src/(${rooms})(/|\\.ts$)`

const upwards = (name, from, to) => ({ name, severity: 'error', from: { path: path(from) }, to: { path: path(to) } })
/** Type-only imports of a port cost nothing and bind nothing. */
const upwardsAtRunTime = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: path(from) },
  to: { path: path(to), dependencyTypesNot: ['type-only'] },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    upwardsAtRunTime('ground-stays-low', ground, `${first}|${second}|${third}`),
    upwards('first-stays-low', first, `${second}|${third}`),
    upwards('second-stays-low', second, third),
    { name: 'core-imports-nothing', severity: 'error', from: { path: '^src/core/' }, to: { pathNot: '^src/core/' } },
    {
      name: 'policy-stands-on-core',
      comment: 'It decides and does nothing else: no crypto, no port, no platform but the table of time zones.',
      severity: 'error',
      from: { path: '^src/policy/' },
      to: { path: '^src/', pathNot: '^src/(policy|core)/' },
    },
    {
      name: 'engines-meet-through-ports',
      severity: 'error',
      from: { path: '^src/(seal|walrus|search|memory|mpc)/' },
      to: { path: '^src/(seal|walrus|search|memory|mpc)/', pathNot: '^src/$1/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'localnet-and-testkit-are-not-shipped-within',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(localnet|testkit)/' },
      to: { path: '^src/(localnet|testkit)/' },
    },
    {
      name: 'mysten-sdks-load-lazily',
      comment: 'Optional peers: outside the localnet only types are imported statically.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/localnet/' },
      to: {
        path: '^@mysten/(sui|seal|walrus)|node_modules/@mysten/(sui|seal|walrus)/',
        dynamic: false,
        dependencyTypesNot: ['type-only', 'type-import'],
      },
    },
    {
      name: 'node-only-where-it-says-so',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(store/node-|locket/storage-node|localnet/http/|relay/server/)' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
