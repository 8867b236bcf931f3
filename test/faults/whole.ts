import assert from 'node:assert/strict';
import { countResults } from '../../bench/probed-fleet.ts';
import { logIn, startServer } from '../e2e/server.ts';

/**
 * Each planned probe of each target has one result, and none is a loss: whatever happened, probing and storing have not suffered.
 */
export async function assertWhole(
  folder: string,
  atLeast: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Started again only to read: nothing is probed, so nothing is added.
  await using again = await startServer(folder, { ...environment, PROBE_DENY: '127.0.0.0/8' });
  const { stored, ...faults } = await countResults(await logIn(again.url));
  assert.deepEqual(faults, { lost: 0, duplicated: 0, gaps: 0 });
  assert.ok(stored > atLeast, `${stored} results`);
}
