// Makes dist/web: the dashboard, with larger files compressed beforehand. `--if-older`: only when a source is newer.
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

const folder = 'dist/web';
const worthPackingBytes = 1024;

if (!process.argv.includes('--if-older') || isOlderThanItsSources()) {
  // Even when started from a test, the product is built, not React's development version.
  process.env['NODE_ENV'] = 'production';
  process.stderr.write('Building the dashboard into dist/web …\n');
  await build({ logLevel: 'warn' });
  await Promise.all(globSync(`${folder}/**/*.{js,css,svg}`).map(pack));
}

function isOlderThanItsSources(): boolean {
  const built = modifiedAt(join(folder, 'index.html'));
  const sources = ['vite.config.ts', 'package-lock.json', ...globSync('src/{web,core,contract}/**/*')];
  return built === 0 || sources.some((path) => modifiedAt(path) > built);
}

/** 0 if there is no such file. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function pack(path: string): Promise<void> {
  const content = readFileSync(path);
  if (content.length < worthPackingBytes) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, await promisify(brotliCompress)(content, { params }));
  writeFileSync(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
