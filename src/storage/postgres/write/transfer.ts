import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { Inventory, Transfer } from '../../move/transfer.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Queries } from '../connection/connection.ts';
import { eventColumns, eventFrom } from '../records/events.ts';
import * as imports from '../records/imports.ts';
import { listOutagesAfter, putOutages } from '../records/outages.ts';
import { readRollupPage, replaceRollups } from '../rollups/rollups.ts';
import { numberIn, timestamp } from '../connection/sql-values.ts';
import { listStates, putStates } from '../records/target-states.ts';
import { listAllTargets, putTarget } from '../records/targets.ts';
import { listTracesAfter, putTrace } from '../records/traces.ts';
import {
  listApiTokens,
  listUsers,
  putApiToken,
  putAuditEntries,
  readAuditPage,
  saveUser,
} from '../records/accounts.ts';

const stepOf = { '1m': 'minute', '1h': 'hour' } as const;

/**
 * From one vantage point to the next by the index: there may be hundreds of millions of rows. States of -1 are those of commands.
 */
const seenIn = (table: string): string => `select vantage from (with recursive seen as (
    select targets.id, (select min(vantage) from pmd.${table} where target_id = targets.id) as vantage from pmd.targets
    union all
    select seen.id, (select min(rows.vantage) from pmd.${table} as rows
      where rows.target_id = seen.id and rows.vantage > seen.vantage) from seen where seen.vantage is not null
  ) select distinct vantage from seen where vantage is not null) as ${table}`;
const vantagesSql = `${['probe_results', 'hour_rollups', 'added_hour_rollups'].map(seenIn).join(' union ')}
  union select vantage from pmd.target_states where vantage >= 0 union select vantage from pmd.outages order by vantage`;

export function createTransfer({ connections, state, targetList }: Dependencies): Transfer {
  return {
    listVantages: async () => (await connections.all(vantagesSql)).map((row) => numberIn(row, 'vantage')),
    async readInventory() {
      const sources = await connections.all('select source, last_sequence from pmd.commit_sources order by source');
      const [last] = await connections.all(`select coalesce(pg_sequence_last_value(
        pg_get_serial_sequence('pmd.targets', 'id')::regclass), 0) as id`);
      return {
        targets: await listAllTargets(connections),
        users: await listUsers(connections),
        apiTokens: await listApiTokens(connections),
        states: await listStates(connections),
        floors: { raw: state.floorOf('raw'), '1m': state.floorOf('1m'), '1h': state.floorOf('1h') },
        sources: sources.map((row) => ({ source: String(row['source']), sequence: numberIn(row, 'last_sequence') })),
        lastTargetId: numberIn(last ?? {}, 'id'),
      };
    },
    async writeInventory(inventory) {
      await targetList.changing(() =>
        connections.transaction(async (_client, queries) => {
          await putInventory(queries, inventory);
          for (const resolution of ['raw', '1m', '1h'] as const) {
            await state.raiseFloor(queries, resolution, inventory.floors[resolution]);
          }
        }),
      );
      for (const { id } of inventory.targets) state.known.add(id);
    },
    async readEvents(afterId, limit) {
      const sql = `select ${eventColumns} from pmd.events where id > $1 order by id limit $2`;
      return (await connections.all(sql, [afterId, limit])).map(eventFrom);
    },
    async writeEvents(events) {
      await connections.transaction(async (_client, queries) => {
        await queries.all(
          `insert into pmd.events (id, target_id, vantage, type, message, data, created_at) overriding system value
           select * from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::json[],
             $7::timestamptz[])
           on conflict (id) do nothing`,
          [
            events.map(({ id }) => id),
            events.map(({ targetId }) => targetId),
            events.map(({ vantage }) => vantage),
            events.map(({ type }) => type),
            events.map(({ message = '' }) => message),
            events.map(({ data }) => JSON.stringify(data)),
            events.map(({ createdAt }) => timestamp(createdAt)),
          ],
        );
        await raiseSequence(queries, 'events', events.at(-1)?.id ?? 0);
      });
    },
    readOutages: (after, limit) => listOutagesAfter(connections, after, limit),
    writeOutages: (outages) => connections.transaction((_client, queries) => putOutages(queries, outages)),
    readImports: (afterId, limit) => imports.listImportsAfter(connections, afterId, limit),
    async writeImports(moved) {
      await connections.transaction(async (_client, queries) => {
        await imports.putImports(queries, moved);
        await raiseSequence(queries, 'imports', moved.at(-1)?.id ?? 0);
      });
    },
    readImportHours: (after, limit) => imports.readPackedHours(connections, after, limit),
    writeImportHours: (hours) => connections.transaction((_client, queries) => imports.putPackedHours(queries, hours)),
    readTraces: (afterId, limit) => listTracesAfter(connections, afterId, limit),
    async writeTraces(traces) {
      await connections.transaction(async (_client, queries) => {
        for (const trace of traces) await putTrace(queries, trace);
        await raiseSequence(queries, 'traces', traces.at(-1)?.id ?? 0);
      });
    },
    readAuditEntries: (afterId, limit) => readAuditPage(connections, afterId, limit),
    async writeAuditEntries(entries) {
      await connections.transaction(async (_client, queries) => {
        await putAuditEntries(queries, entries);
        await raiseSequence(queries, 'audit_entries', entries.at(-1)?.id ?? 0);
      });
    },
    readRollups: ({ key, resolution, ...stretch }) => readRollupPage(connections, stepOf[resolution], key, stretch),
    writeRollups: (key, resolution, rollups) =>
      connections.transaction(async (_client, queries) => {
        const first = floorTo(rollups[0]?.startAt ?? 0, hourMillis);
        const last = floorTo(rollups.at(-1)?.startAt ?? 0, hourMillis);
        await replaceRollups(queries, stepOf[resolution], key, { from: first, to: last + hourMillis }, rollups);
      }),
  };
}

async function putInventory(queries: Queries, inventory: Inventory): Promise<void> {
  const { targets, users, apiTokens, states, sources, lastTargetId } = inventory;
  for (const target of targets) await putTarget(queries, target);
  for (const user of users) await saveUser(queries, user);
  for (const token of apiTokens) await putApiToken(queries, token);
  await putStates(queries, states);
  await raiseSequence(queries, 'api_tokens', apiTokens.at(-1)?.id ?? 0);
  await queries.all(
    `insert into pmd.commit_sources (source, last_sequence) select * from unnest($1::text[], $2::bigint[])
     on conflict (source) do update
       set last_sequence = greatest(commit_sources.last_sequence, excluded.last_sequence)`,
    [sources.map(({ source }) => source), sources.map(({ sequence }) => sequence)],
  );
  await raiseSequence(queries, 'targets', lastTargetId);
}

type SequencedTable = 'targets' | 'events' | 'traces' | 'api_tokens' | 'audit_entries' | 'imports';

/** The identity of a table continues after an id; it never decreases. */
async function raiseSequence(queries: Queries, table: SequencedTable, id: number): Promise<void> {
  if (id === 0) return;
  await queries.all(
    `select setval(sequence, greatest($1::bigint, pg_sequence_last_value(sequence)))
     from (select pg_get_serial_sequence('pmd.${table}', 'id')::regclass as sequence) as identity`,
    [id],
  );
}
