// The import table of ARCHITECTURE.md as rules for dependency-cruiser. test/architecture.test.ts runs them.
import type { IConfiguration, IForbiddenRuleType } from 'dependency-cruiser';

type ImportTable = Readonly<Record<string, readonly string[]>>;

/** A folder may import itself and the folders listed here; nothing else of ours. */
const folders: ImportTable = {
  core: [],
  contract: ['core'],
  probe: ['core'],
  storage: ['core'],
  recording: ['core', 'storage'],
  monitor: ['core', 'probe', 'storage', 'recording'],
  api: ['core', 'contract', 'monitor', 'storage'],
  cli: ['core', 'contract', 'probe'],
  web: ['core', 'contract'],
};

/** Shared vocabularies: every file of theirs may be imported. The others are entered through the file with their name. */
const vocabularies = ['core', 'contract'];

/** Within a folder, a room may import the folder's own files, except its door, and the rooms listed here. */
const rooms: Readonly<Record<string, ImportTable>> = {
  core: {
    bytes: [],
    target: [],
    result: ['bytes'],
    event: ['bytes', 'result'],
    path: ['event', 'target'],
    history: ['bytes', 'path', 'result'],
    outage: ['event', 'history', 'result', 'target'],
    synthetic: ['path', 'result'],
  },
  contract: { access: [], history: [], paths: [], targets: [] },
  probe: {
    linux: [],
    messages: [],
    names: [],
    lane: ['linux'],
    icmp: ['lane', 'linux', 'messages'],
    tcp: ['lane', 'linux', 'messages'],
    trace: ['icmp', 'linux', 'messages'],
    programs: ['lane', 'linux', 'messages', 'trace'],
    thread: ['icmp', 'lane', 'linux', 'messages', 'programs', 'tcp', 'trace'],
    host: ['icmp', 'lane', 'linux', 'names', 'programs', 'thread', 'trace'],
  },
  storage: {
    records: [],
    series: ['records'],
    move: ['records'],
    sqlite: ['move', 'records', 'series'],
    postgres: ['move', 'records', 'series'],
  },
  'storage/sqlite': {
    file: [],
    blocks: ['file'],
    records: ['blocks', 'file'],
    read: ['blocks'],
    checks: ['blocks', 'file', 'records'],
    write: ['blocks', 'checks', 'file', 'records'],
    thread: ['blocks', 'checks', 'file', 'read', 'records', 'write'],
  },
  'storage/postgres': {
    connection: [],
    schema: ['connection'],
    records: ['connection'],
    rollups: ['connection', 'records'],
    tables: ['connection', 'rollups'],
    read: ['connection', 'rollups'],
    write: ['connection', 'records', 'rollups'],
  },
  recording: { spool: [] },
  monitor: { outages: [], paths: [], upkeep: [], targets: ['outages'] },
  api: {
    pages: [],
    limits: [],
    answers: ['limits'],
    files: [],
    health: [],
    access: ['limits', 'pages'],
    requests: ['access'],
    handlers: ['access', 'answers', 'files', 'health', 'limits', 'requests'],
  },
  cli: { output: [], commands: ['output'] },
  'web/charts': { axis: [], data: ['axis'], drawing: ['data'] },
  'web/fleet': { data: [], rows: ['data'] },
  'web/target': { history: [], head: ['history'], panels: ['history'] },
};

const doorOf = (folder: string): string => `^src/${folder}/${folder.split('/').at(-1)}\\.ts$`;

function folderRules([folder, allowed]: readonly [string, readonly string[]]): IForbiddenRuleType[] {
  const onlyItsOwn: IForbiddenRuleType = {
    name: `${folder}-imports-only-its-own`,
    comment: 'Layers depend in one direction, so that each can be read, tested and replaced without those above it.',
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
  };
  if (vocabularies.includes(folder)) return [onlyItsOwn];
  const oneDoor: IForbiddenRuleType = {
    name: `${folder}-has-one-front-door`,
    comment: 'What a folder offers is what its door exports; everything else can change without asking anybody.',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${folder}/` },
    to: { path: `^src/${folder}/`, pathNot: doorOf(folder) },
  };
  return [onlyItsOwn, oneDoor];
}

function roomRules([folder, table]: readonly [string, ImportTable]): IForbiddenRuleType[] {
  return Object.entries(table).map(([room, allowed]) => ({
    name: `${folder}/${room}-imports-only-its-own`,
    comment: 'Rooms of a folder form an order, so that a newcomer can read them from the ground up.',
    severity: 'error',
    from: { path: `^src/${folder}/${room}/`, pathNot: '\\.test\\.ts$' },
    to: {
      path: [`^src/${folder}/[^/]+/`, doorOf(folder)],
      pathNot: [room, ...allowed].map((name) => `^src/${folder}/${name}/`),
    },
  }));
}

/** A folder whose files are not all in the table could grow a room that no rule knows. */
const strangers: IForbiddenRuleType[] = Object.entries(rooms).map(([folder, table]) => ({
  name: `${folder}-has-only-known-rooms`,
  comment: 'A new room is a row of the table, which says what it may import.',
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/${folder}/[^/]+/`, pathNot: Object.keys(table).map((room) => `^src/${folder}/${room}/`) },
}));

export const importRules: IConfiguration = {
  forbidden: [
    ...Object.entries(folders).flatMap(folderRules),
    ...Object.entries(rooms).flatMap(roomRules),
    ...strangers,
    {
      name: 'core-does-no-io',
      comment: 'Pure rules run in the browser, in workers and in tests alike.',
      severity: 'error',
      from: { path: '^src/(core|contract)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      comment: 'Of two files in a circle, types included, neither can be understood without the other.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that resolves to nothing is not checked by any other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'a-part-does-not-know-the-composition-root',
      comment: 'The root knows all parts; a part that knew it could reach anything.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'shipped-code-uses-no-development-package',
      comment: 'Development packages are not installed with the product.',
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
