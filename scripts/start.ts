// What npm start runs: the dashboard is built if it is missing or older than its sources, then the server starts.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(process.execPath, ['scripts/build-web.ts', '--if-older'], { stdio: ['ignore', 2, 2] });
if (status !== 0) process.stderr.write('The dashboard could not be built; the API works without it.\n');
process.argv.push('serve');
await import('../src/main.ts');
