import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { addTargets, changeTargets, suggestTargets } from '../../contract/bulk.ts';
import { plainPacket } from '../../core/probe-packet.ts';
import { Problem } from '../../core/problem.ts';
import { type NewTarget, parseTargetAddress } from '../../core/target.ts';
import { readGateway } from '../../monitor/monitor.ts';
import type { ApiDependencies } from '../api.ts';
import { targetIdOf } from '../find-target.ts';
import { serve } from '../route.ts';
import { intervalMillis, packetFrom } from '../translate.ts';

type Outcome = z.output<NonNullable<typeof addTargets.answer>>['results'][number];

const resolvers = [
  ['1.1.1.1', 'Cloudflare DNS'],
  ['8.8.8.8', 'Google DNS'],
  ['9.9.9.9', 'Quad9 DNS'],
] as const;

export function serveBulk(app: FastifyInstance, { monitor, storage }: ApiDependencies): void {
  const { targets } = monitor;

  serve(app, changeTargets, async ({ body }) => {
    const change =
      body.action === 'tag' ? { kind: body.action, add: body.add, remove: body.remove } : { kind: body.action };
    const { changed, refused } = await targets.changeMany(body.ids.map(targetIdOf), change);
    return { changed: [...changed], refused: [...refused] };
  });

  serve(app, addTargets, async ({ body }) => {
    const settings = {
      intervalMillis: intervalMillis(body.frequency),
      url: body.url ?? null,
      notes: body.notes ?? null,
      tags: body.tags ?? [],
      packet: { ...plainPacket, ...packetFrom(body) },
      isActive: true,
      isSynthetic: false,
    };
    const idOf = new Map((await storage.listTargets()).map(({ ip, id }) => [ip, id]));
    const seen = new Set<string>();
    const missing: NewTarget[] = [];
    const outcomes = body.ips.map((text): Outcome => {
      const outcome = judge(text);
      if (outcome.status === 'new') missing.push({ ...settings, ip: outcome.ip });
      return outcome;
    });

    function judge(text: string): Outcome {
      const parsed = parseTargetAddress(text);
      if (parsed.kind === 'fault') return { ip: text, status: 'faulty', id: null, message: parsed.message };
      const { address: ip } = parsed;
      if (seen.has(ip)) return { ip, status: 'repeated', id: null, message: null };
      seen.add(ip);
      const id = idOf.get(ip);
      if (id !== undefined) return { ip, status: 'exists', id, message: null };
      const refusal = refusalOf(ip);
      if (refusal !== undefined) return { ip, status: 'not-allowed', id: null, message: refusal };
      return { ip, status: 'new', id: null, message: null };
    }

    if (body.dry_run) return { created: 0, results: outcomes };
    const { created } = await targets.addMissing(missing);
    const createdId = new Map(created.map(({ ip, id }) => [ip, id]));
    const results = outcomes.map((outcome): Outcome => {
      if (outcome.status !== 'new') return outcome;
      const id = createdId.get(outcome.ip);
      return id === undefined ? { ...outcome, status: 'exists' } : { ...outcome, status: 'created', id };
    });
    return { created: created.length, results };
  });

  serve(app, suggestTargets, async () => {
    const tracked = new Set((await storage.listTargets()).map(({ ip }) => ip));
    const gateway = await readGateway();
    const offered = [
      ...(gateway === undefined ? [] : [{ ip: gateway, kind: 'gateway' as const, name: null }]),
      { ip: '127.0.0.1', kind: 'self' as const, name: null },
      ...resolvers.map(([ip, name]) => ({ ip, kind: 'resolver' as const, name })),
    ];
    return offered.map((each) => ({
      ...each,
      is_tracked: tracked.has(each.ip),
      is_allowed: refusalOf(each.ip) === undefined,
    }));
  });

  /** Why the probe policy forbids an address, if it does. */
  function refusalOf(ip: string): string | undefined {
    try {
      targets.checkPolicy(ip);
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error.message;
      throw error;
    }
  }
}
