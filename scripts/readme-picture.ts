import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { entry, logIn, startServer, temporaryFolder } from '../test/e2e/server.ts';

/** One frame of `pmd watch` from the running product, as a block of code: two live targets and seeded ones. */
export async function takePicture(): Promise<string> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  await call('POST', '/seed', { targets: 4, years: 0.001, interval_seconds: 5, loss_rate: 0.01, seed: 3 });
  for (const ip of ['127.0.0.1', '::1']) await call('POST', '/targets', { ip });
  // Long enough for both to have answered.
  await delay(5000);
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...{ PMD_URL: server.url, PMD_USERNAME: 'admin', PMD_PASSWORD: 'changeme', HOME: folder.path, NO_COLOR: '1' },
  };
  const output = execFileSync(process.execPath, [entry, 'watch', '--once'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return `\`\`\`text\n$ pmd watch\n${output.trimEnd()}\n\`\`\``;
}
