import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { addTargets, changeTargets, suggestTargets } from '../../contract/targets/bulk.ts';
import { icmpProbe } from '../../core/target/probe-kinds.ts';
import { plainPacket } from '../../core/target/probe-packet.ts';
import { Problem } from '../../core/problem.ts';
import { parseHostname, parseTargetAddress, targetKey } from '../../core/target/target.ts';
import { type AskedTarget, type BulkChange, readGateway } from '../../monitor/monitor.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { callerOf } from '../access/caller.ts';
import { targetIdOf } from '../requests/find-target.ts';
import { serve } from '../requests/route.ts';
import { familyFrom, intervalMillis, packetFrom, probeFrom, shownHost } from '../translate.ts';

type Outcome = z.output<NonNullable<typeof addTargets.answer>>['results'][number];

function withoutKey({ ip, host, status, id, message }: Outcome): Outcome {
  return { ip, host, status, id, message };
}

const resolvers = [
  ['1.1.1.1', 'Cloudflare DNS'],
  ['8.8.8.8', 'Google DNS'],
  ['9.9.9.9', 'Quad9 DNS'],
] as const;

function bulkChangeOf(body: z.output<NonNullable<typeof changeTargets.body>>, by: string): BulkChange {
  switch (body.action) {
    case 'tag':
      return { kind: body.action, add: body.add, remove: body.remove };
    case 'delete':
      return { kind: body.action, by };
    default:
      return { kind: body.action };
  }
}

export function serveBulk(
  app: FastifyInstance,
  { monitor, storage }: Pick<ApiDependencies, 'monitor' | 'storage'>,
): void {
  const { targets } = monitor;

  serve(app, changeTargets, async ({ body, request }) => {
    const change = bulkChangeOf(body, callerOf(request).username);
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
    const idOf = new Map((await storage.listTargets()).map((target) => [targetKey(target), target.id]));
    const seen = new Set<string>();
    const missing: (AskedTarget & { readonly key: string })[] = [];
    const outcomes = [
      ...(body.ips ?? []).map((text) => judgeAddress(text)),
      ...(body.hosts ?? []).map((text) => judgeName(text)),
    ];

    function judgeAddress(text: string): Outcome & { readonly key: string } {
      const parsed = parseTargetAddress(text);
      const none = { host: null, id: null, message: null, key: '' };
      if (parsed.kind === 'fault') return { ...none, ip: text, status: 'faulty', message: parsed.message };
      return judge({ ip: parsed.address }, refusalOf(parsed.address));
    }

    function judgeName(text: string): Outcome & { readonly key: string } {
      const hostname = parseHostname(text);
      if (hostname !== undefined) return judge({ hostname }, undefined);
      const message = `${JSON.stringify(text)} is not a host name.`;
      return { ip: '', host: text, status: 'faulty', id: null, message, key: '' };
    }

    function judge(
      place: Pick<AskedTarget, 'ip' | 'hostname'>,
      refusal: string | undefined,
    ): Outcome & { readonly key: string } {
      const family = place.hostname === undefined ? null : (familyFrom(body.family) ?? null);
      const asked = { ...settings, ...place, family, probe: probeFrom(body) ?? icmpProbe };
      const { ip = '', hostname = null } = place;
      const key = targetKey({ ...asked, ip });
      const outcome = { ip, host: shownHost(hostname), id: null, message: null, key };
      if (seen.has(key)) return { ...outcome, status: 'repeated' };
      seen.add(key);
      const id = idOf.get(key);
      if (id !== undefined) return { ...outcome, status: 'exists', id };
      if (refusal !== undefined) return { ...outcome, status: 'not-allowed', message: refusal };
      missing.push({ ...asked, key });
      return { ...outcome, status: 'new' };
    }

    if (body.dry_run) return { created: 0, results: outcomes.map(withoutKey) };
    const { created, refused } = await targets.addMissing(missing);
    const createdOf = new Map(created.map((target) => [targetKey(target), target]));
    const refusedOf = new Map(refused.map(({ asked, problem }) => [asked.key, problem]));
    const results = outcomes.map((each): Outcome => {
      const outcome = withoutKey(each);
      if (outcome.status !== 'new') return outcome;
      const problem = refusedOf.get(each.key);
      if (problem !== undefined) {
        const status = problem.code === 'not-allowed' ? 'not-allowed' : 'faulty';
        return { ...outcome, status, message: problem.message };
      }
      const target = createdOf.get(each.key);
      if (target === undefined) return { ...outcome, status: 'exists' };
      return { ...outcome, ip: target.ip, status: 'created', id: target.id };
    });
    return { created: created.length, results };
  });

  serve(app, suggestTargets, async () => {
    const tracked = new Set((await storage.listTargets()).map(targetKey));
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
