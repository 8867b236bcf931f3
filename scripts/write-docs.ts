// Writes what the code itself can vouch for: .env.example, API_GUIDE.md and the picture in the README.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample } from './env-example.ts';
import { replayGuide } from './api-guide.ts';
import { takePicture, withPicture } from './readme-picture.ts';
import { startServer, temporaryFolder } from '../test/e2e/server.ts';

writeFileSync('.env.example', envExample());
await using folder = await temporaryFolder();
await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
writeFileSync('API_GUIDE.md', await replayGuide(server.url));
writeFileSync('README.md', withPicture(readFileSync('README.md', 'utf8'), await takePicture()));
execFileSync('prettier', ['--write', '--log-level', 'warn', 'README.md', 'API_GUIDE.md'], { stdio: 'inherit' });
