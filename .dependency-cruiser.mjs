// The import table of ARCHITECTURE.md. A folder may import itself and what stands here; nothing else of ours.
const allowed = {
  core: [],
  contract: ['core'],
  probe: ['core'],
  storage: ['core'],
  monitor: ['core', 'probe', 'storage'],
  api: ['core', 'contract', 'monitor', 'storage'],
  cli: ['core', 'contract', 'probe'],
  web: ['core', 'contract'],
};
// Shared vocabularies: every file of theirs may be imported. The others are entered through the file of their name.
const vocabularies = ['core', 'contract'];

const folders = Object.keys(allowed);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folders.map((folder) => ({
      name: `${folder}-imports-only-its-own`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: [folder, ...allowed[folder]].map((name) => `^src/${name}/`) },
    })),
    ...folders
      .filter((folder) => !vocabularies.includes(folder))
      .map((folder) => ({
        name: `${folder}-has-one-front-door`,
        severity: 'error',
        from: { path: '^(src|bench)/', pathNot: `^src/${folder}/` },
        to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/${folder}\\.ts$` },
      })),
    {
      name: 'core-does-no-io',
      severity: 'error',
      from: { path: '^src/(core|contract)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'a-part-does-not-know-the-composition-root',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'shipped-code-uses-no-development-package',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/web/'] },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
