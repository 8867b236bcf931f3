import { mainVantage } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import type { Target } from '../../core/target/target.ts';
import type { Storage } from '../../storage/storage.ts';

/**
 * The results of a target up to the last one, or an error: a concurrent deletion must not look like the end of the data. The
 * first batch is read before this resolves, so that an immediate failure gets a proper error answer.
 */
export async function openWholeHistory(
  storage: Pick<Storage, 'findTarget' | 'streamResults'>,
  { id }: Target,
  from: number,
  to: number,
): Promise<AsyncGenerator<ResultBatch>> {
  const batches = storage.streamResults({ targetId: id, vantage: mainVantage }, from, to)[Symbol.asyncIterator]();
  const first = await batches.next();
  async function* whole(): AsyncGenerator<ResultBatch> {
    try {
      for (let next = first; next.done !== true; next = await batches.next()) yield next.value;
    } finally {
      await batches.return?.();
    }
    if ((await storage.findTarget(id)) === undefined) {
      throw new Problem('target-not-found', `Target ${id} was erased while its history was read.`);
    }
  }
  return whole();
}
