import { defineConfig } from 'vitest/config';

const web = ['test/web/**/*.test.ts'];
/** The screens one by one; what is left is a user's way through all of them. */
const webRest = ['test/web/{access,add,base-path,fleet,session,target,trouble}.test.ts'];
/** Those that take their time: what goes wrong in hours and over hundreds of repetitions, packing, the image. */
const rest = [
  'test/faults/**/*.test.ts',
  'test/supply-chain.test.ts',
  'test/deploy.test.ts',
  'test/probe/**/*.test.ts',
  'test/netns/{delay,failures,hops,outage,packet-shape,path-mtu,states,tcp,trace}.test.ts',
  'test/e2e/{access-ended,accounts,backup,cli,connections,export,faults,file-modes,limits}.test.ts',
  'test/e2e/{migrate-store,names,pgbouncer,postgres-texts,releases,sqlite-faults,start,two-servers}.test.ts',
  'src/storage/sqlite/power-cut.test.ts',
  'src/storage/postgres/postgres-storage.test.ts',
  'src/storage/{agreement,move/migrate-store}.test.ts',
];
/** In both, on other engines. */
const onEveryEngine = 'src/storage/conformance.test.ts';
/** Those beside the code that need no server, no socket and no disk to speak of: the first answer while one writes. */
const unit = ['src/**/*.test.ts'];
const notUnit = [
  ...rest,
  'src/probe/probe.test.ts',
  'src/probe/**/*-lane.test.ts',
  'src/probe/icmp-fuzz.test.ts',
  'src/storage/{agreement,conformance,move/migrate-store,read-fleet}.test.ts',
  'src/storage/*/*-storage.test.ts',
  'src/storage/postgres/{late-results,postgres-storage}.test.ts',
  'src/recording/spool/spool.test.ts',
  'src/storage/sqlite/{blocks/file-size,file/damage}.test.ts',
];

export default defineConfig({
  test: {
    // Two cores: more workers only make timing-sensitive network tests wait for each other.
    maxWorkers: 2,
    projects: [
      {
        extends: true, // One module registry for all: they share no state, and most of their time would be loading.
        test: { name: 'unit', include: unit, exclude: notUnit, isolate: false },
      },
      {
        extends: true,
        // Built and unpacked once before them: two files that do it at the same time would write over each other.
        test: { name: 'web', include: web, exclude: webRest, globalSetup: 'test/web/build.ts' },
      },
      { extends: true, test: { name: 'web-rest', include: webRest, globalSetup: 'test/web/build.ts' } },
      {
        extends: true,
        test: { name: 'server', include: [...notUnit, 'test/**/*.test.ts'], exclude: [...web, ...rest] },
      },
      { extends: true, test: { name: 'rest', include: [...rest, onEveryEngine], env: { PMD_TEST_ENGINES: 'wasm' } } },
    ],
    // Of the unit tests: what servers and threads of other tests run is not counted.
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/web/i18n/**'],
      reporter: ['text-summary'],
    },
    // Generous: on a machine with other work a command takes seconds to start.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
