// Makes dist/: JavaScript from src/ with the files beside it that are read at run time, and the dashboard.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const file of globSync('src/**/*.sql')) cpSync(file, file.replace(/^src/, 'dist'));
execFileSync(process.execPath, ['scripts/build-web.ts'], { stdio: 'inherit' });
