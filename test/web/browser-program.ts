import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz from '@sparticuz/chromium';

/** Where the set-up of the tests tells its workers the browser that it unpacked. */
export const browserVariable = 'PMD_TEST_BROWSER';

/**
 * The Chromium of the package, in a folder of its own that is removed on disposal. The package itself unpacks into the
 * temporary folder, where two processes would write the same file at once and a run that broke off leaves half of one.
 */
export async function unpackBrowser(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'pmd-browser-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    const path = await sparticuz.executablePath();
    return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
