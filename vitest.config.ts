import { defineConfig } from 'vitest/config';

const web = 'test/web/**/*.test.ts';

export default defineConfig({
  test: {
    // Two cores: more workers only make timing-sensitive network tests wait for each other.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        // Built once before them: two files that build at the same time would empty each other's folder.
        test: { name: 'web', include: [web], globalSetup: 'test/web/build.ts' },
      },
      { extends: true, test: { name: 'server', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: [web] } },
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
