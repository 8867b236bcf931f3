// Writes .env.example and API_GUIDE.md, the two documents that the code itself can vouch for.
import { writeFileSync } from 'node:fs';
import { envExample } from './env-example.ts';
import { replayGuide } from './api-guide.ts';
import { startServer, temporaryFolder } from '../test/e2e/server.ts';

writeFileSync('.env.example', envExample());
await using folder = await temporaryFolder();
await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
writeFileSync('API_GUIDE.md', await replayGuide(server.url));
