import type { FastifyInstance } from 'fastify';
import {
  addTarget,
  changeTarget,
  deleteTarget,
  listTargets,
  pauseTarget,
  restoreTarget,
  resumeTarget,
  showTarget,
  type TargetShape,
} from '../../contract/targets/targets.ts';
import { icmpProbe } from '../../core/target/probe-kinds.ts';
import { plainPacket } from '../../core/target/probe-packet.ts';
import type { Target } from '../../core/target/target.ts';
import { showTargetCounters } from '../../contract/targets/target-counters.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { callerOf, demandRole } from '../access/caller.ts';
import { findTarget, findWithHistory, targetIdOf } from '../requests/find-target.ts';
import { serve } from '../requests/route.ts';
import {
  countersShape,
  deletionOf,
  familyFrom,
  intervalMillis,
  packetFrom,
  placeOf,
  probeFrom,
  targetShape,
} from '../translate.ts';

export function serveTargets(
  app: FastifyInstance,
  { monitor, storage }: Pick<ApiDependencies, 'monitor' | 'storage'>,
): void {
  const { targets } = monitor;
  const shapeOf = (target: Target): TargetShape => targetShape(target, monitor.stateOfTarget(target));

  serve(app, addTarget, async ({ body }) => {
    const target = await targets.add({
      ip: body.ip,
      hostname: body.host ?? null,
      family: familyFrom(body.family) ?? null,
      probe: probeFrom(body) ?? icmpProbe,
      name: body.name ?? null,
      intervalMillis: intervalMillis(body.frequency),
      url: body.url ?? null,
      notes: body.notes ?? null,
      tags: body.tags ?? [],
      packet: { ...plainPacket, ...packetFrom(body) },
      isActive: true,
      isSynthetic: false,
    });
    return { message: `Started tracking ${placeOf(target)}`, id: target.id };
  });

  serve(app, listTargets, async ({ query }) => {
    if (!query.deleted) return (await storage.listTargets()).map(shapeOf);
    const deleted = await storage.listDeletedTargets();
    return deleted.map((target) => ({ ...shapeOf(target), ...deletionOf(target) }));
  });

  serve(app, showTarget, async ({ params, query }) => {
    if (!query.deleted) return shapeOf(await findTarget(storage, params.id));
    const target = await findWithHistory(storage, params.id);
    if (target.deletedAt === null) return shapeOf(target);
    const [event] = await storage.listEvents(target.id, 1, { types: ['delete'] });
    const by = event?.type === 'delete' ? event.data.by : undefined;
    return { ...shapeOf(target), ...deletionOf(target), deleted_by: by ?? null };
  });

  serve(app, showTargetCounters, async ({ params }) => {
    const { id } = await findTarget(storage, params.id);
    return countersShape(id, monitor.prober.anomalies().get(id));
  });

  serve(app, changeTarget, async ({ params, body }) => {
    const probe = probeFrom(body);
    const change = {
      ...(body.frequency === undefined ? {} : { intervalMillis: intervalMillis(body.frequency) }),
      ...(body.url === undefined ? {} : { url: body.url }),
      ...(body.notes === undefined ? {} : { notes: body.notes }),
      ...(body.tags === undefined ? {} : { tags: body.tags }),
      ...(body.host === undefined ? {} : { hostname: body.host }),
      ...(body.family === undefined ? {} : { family: familyFrom(body.family) ?? null }),
      ...(probe === undefined ? {} : { probe }),
      ...(body.name === undefined ? {} : { name: body.name }),
      packet: packetFrom(body),
    };
    return shapeOf(await targets.change(targetIdOf(params.id), change));
  });

  serve(app, pauseTarget, async ({ params }) => {
    const { id } = await targets.pause(targetIdOf(params.id));
    return { message: 'Tracking paused', id };
  });

  serve(app, resumeTarget, async ({ params }) => {
    const { id } = await targets.resume(targetIdOf(params.id));
    return { message: 'Tracking resumed', id };
  });

  serve(app, restoreTarget, async ({ params }) => {
    const { id } = await targets.restore(targetIdOf(params.id));
    return { message: 'Target restored', id };
  });

  serve(app, deleteTarget, async ({ params, query, request }) => {
    const given = targetIdOf(params.id);
    if (query.purge) demandRole(callerOf(request), 'admin');
    const { id } = query.purge ? await targets.purge(given) : await targets.remove(given, callerOf(request).username);
    return { message: query.purge ? 'Target and history erased' : 'Target deleted', id };
  });
}
