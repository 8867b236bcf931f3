import { eventOf, type NewEvent } from '../../../core/event/event.ts';
import type { Storage } from '../../port.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Connections } from '../connection/connection.ts';
import { insertEvents } from './events.ts';
import * as targets from './targets.ts';

type TargetOperations = Pick<
  Storage,
  | 'listTargets'
  | 'listDeletedTargets'
  | 'findTarget'
  | 'addTargets'
  | 'changeTarget'
  | 'changeTargets'
  | 'deleteTarget'
  | 'purgeTarget'
>;

export function createTargetOperations({
  connections,
  state,
  tables,
  recent,
  targetList,
}: Dependencies): TargetOperations {
  const transaction: Connections['transaction'] = (work) => targetList.changing(() => connections.transaction(work));
  return {
    listTargets: () => targetList.list(),
    listDeletedTargets: () => targets.listDeletedTargets(connections),
    findTarget: (id) => targets.findTarget(connections, id),
    addTargets: async (added, createdAt, message) => {
      const inserted = await transaction(async (_client, queries) => {
        const stored = [];
        for (const target of added) stored.push(await targets.insertTarget(queries, target, createdAt));
        const events = stored.map(({ id }) => eventOf(id, 'start', {}, createdAt, message));
        await insertEvents(queries, events);
        return stored;
      });
      for (const { id } of inserted) state.known.add(id);
      recent.followNew(inserted.map(({ id }) => id));
      return inserted;
    },
    changeTarget: (id, change, events) =>
      transaction(async (_client, queries) => {
        const target = await targets.updateTarget(queries, id, change);
        if (target !== undefined) await insertEvents(queries, events);
        return target;
      }),
    changeTargets: (edits) =>
      transaction(async (_client, queries) => {
        const changed = [];
        const news: NewEvent[] = [];
        for (const { id, change, events } of edits) {
          const target = await targets.updateTarget(queries, id, change);
          if (target === undefined) continue;
          news.push(...events);
          changed.push(target);
        }
        // As one statement: a command to thousands must not be thousands of statements.
        await insertEvents(queries, news);
        return changed;
      }),
    deleteTarget: (id, deletedAt, events) =>
      transaction(async (_client, queries) => {
        const isDeleted = await targets.markDeleted(queries, id, deletedAt);
        if (isDeleted) await insertEvents(queries, events);
        return isDeleted;
      }),
    purgeTarget: (id) =>
      transaction(async (_client, queries) => {
        const erased = await queries.all('delete from pmd.targets where id = $1 returning id', [id]);
        await state.forget(queries, id);
        await queries.all('delete from pmd.import_hours where target_id = $1', [id]);
        recent.forget([id]);
        await tables.erase(queries, id);
        return erased.length > 0;
      }),
  };
}
