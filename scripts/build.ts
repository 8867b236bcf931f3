// Makes dist/: JavaScript from src/ with the files beside it that are read at run time, and the dashboard.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { basename } from 'node:path';

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const file of globSync('src/**/*.sql')) cpSync(file, file.replace(/^src/, 'dist'));
// One file instead of the 108 packages that it was made from.
for (const file of ['bundles/redoc.standalone.js', 'bundles/redoc.standalone.js.LICENSE.txt', 'LICENSE']) {
  cpSync(`node_modules/redoc/${file}`, `dist/redoc/${basename(file)}`);
}
execFileSync(process.execPath, ['scripts/build-web.ts'], { stdio: 'inherit' });
