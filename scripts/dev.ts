// What npm run dev runs: the server, restarting on change, and the dashboard's dev server beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'vite';

if (existsSync('.env')) process.loadEnvFile('.env');
const api = spawn(process.execPath, ['--watch', 'src/main.ts', 'serve'], { stdio: 'inherit' });
const web = await createServer();
await web.listen();
web.printUrls();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    api.kill(signal);
    void web.close();
  });
}
