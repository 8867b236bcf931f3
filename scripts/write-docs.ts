// Generates what follows from the code: .env.example, API_GUIDE.md, the README's picture and the reference pages.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample } from './env-example.ts';
import { replayGuide } from './api-guide.ts';
import { takePicture } from './readme-picture.ts';
import { withSection } from './marked-section.ts';
import { referencePages } from './reference-pages.ts';
import { startServer, temporaryFolder } from '../test/e2e/server.ts';

writeFileSync('.env.example', envExample());
for (const { path, text } of await referencePages()) writeFileSync(path, text);
await using folder = await temporaryFolder();
await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
writeFileSync('API_GUIDE.md', await replayGuide(server.url));
writeFileSync('README.md', withSection(readFileSync('README.md', 'utf8'), 'picture', await takePicture()));
execFileSync('prettier', ['--write', '--log-level', 'warn', 'README.md', 'API_GUIDE.md'], { stdio: 'inherit' });
