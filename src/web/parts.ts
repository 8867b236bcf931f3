import { serverUrl } from './base-path.ts';

/** A file of the dashboard could not be loaded: the server is unavailable, or has been upgraded and no longer has it. */
export class PartMissing extends Error {
  override readonly name = 'PartMissing';
}

const failures = /dynamically imported module|importing a module script failed|unable to preload css/i;

/** An import whose failure can be distinguished from an error in what it imports. */
export function part<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof Error) || !failures.test(error.message)) throw error;
      throw new PartMissing('a part of the dashboard could not be loaded', { cause: error });
    }
  };
}

/** Whether the error may come from a dashboard that is older than its server. */
export function mayBeOutdated(error: unknown): boolean {
  return error instanceof PartMissing || (error instanceof Error && error.name.endsWith('ZodError'));
}

const key = 'pmd-reloaded-for';

/**
 * Reloads the page when the server has another dashboard than this one; at most once for each, so that a server that cannot serve
 * its files is not asked for ever.
 */
export async function reloadAfterUpgrade(): Promise<void> {
  const now = entryOf(document);
  const next = await fetchEntry();
  if (next === undefined || next === now || sessionStorage.getItem(key) === next) return;
  sessionStorage.setItem(key, next);
  location.reload();
}

async function fetchEntry(): Promise<string | undefined> {
  try {
    const answer = await fetch(`${serverUrl}/`, { cache: 'no-store' });
    return answer.ok ? entryOf(new DOMParser().parseFromString(await answer.text(), 'text/html')) : undefined;
  } catch {
    return undefined;
  }
}

/** The first script of the page, whose name contains a hash of its content. */
function entryOf(page: Document): string | undefined {
  return page.querySelector('script[type=module][src]')?.getAttribute('src') ?? undefined;
}
