import type { FastifyInstance } from 'fastify';
import { type UplinkShape, showFleet } from '../../contract/fleet.ts';
import { unknownOutageState } from '../../core/outage/outage.ts';
import { type TargetState, targetStates } from '../../core/outage/target-state.ts';
import { type Uplink, judgeUplink } from '../../core/outage/uplink.ts';
import { mainVantage } from '../../core/ids.ts';
import { readGateway } from '../../monitor/monitor.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { fleetRowText } from '../answers/fleet-row.ts';
import { notSentSentence, readNotSent } from '../health/not-sent.ts';
import { serve } from '../requests/route.ts';
import { SlicedAnswer, sliceRows } from '../answers/sliced-answer.ts';
import { instantOf } from '../translate.ts';

const windowMillis = 3_600_000;
const sparkBuckets = 60;

type RecorderStatus = ReturnType<ApiDependencies['monitor']['recorder']['status']>;

export function serveFleet(
  app: FastifyInstance,
  { monitor, storage, now }: Pick<ApiDependencies, 'monitor' | 'storage' | 'now'>,
): void {
  serve(app, showFleet, async () => {
    const targets = await storage.listTargets();
    const gateway = await readGateway();
    const to = now();
    const counts = Object.fromEntries(targetStates.map((state) => [state, 0])) as Record<TargetState, number>;

    async function* slices(): AsyncGenerator<readonly string[]> {
      for (let start = 0; start < targets.length; start += sliceRows) {
        const some = targets.slice(start, start + sliceRows);
        const ids = some.map((target) => target.id);
        const window = { from: to - windowMillis, to, sparkBuckets };
        const rows = await storage.readFleet({ ids, vantage: mainVantage, ...window });
        const rowOf = new Map(rows.map((row) => [row.targetId, row]));
        yield some.map((target) => {
          const state = monitor.stateOfTarget(target);
          counts[state.state]++;
          const consecutiveLosses = monitor.states.stateOf(target.id)?.outage.consecutiveLosses ?? 0;
          const pathHops = monitor.traces.pathHopsOf(target.id);
          return fleetRowText(target, rowOf.get(target.id), { ...state, consecutiveLosses, pathHops });
        });
      }
    }

    const probed = targets.filter((target) => target.isActive && !target.isSynthetic);
    return new SlicedAnswer({ name: 'targets', rowCount: targets.length, slices: slices() }, () => ({
      time: instantOf(to),
      window_minutes: windowMillis / 60_000,
      spark_bucket_seconds: windowMillis / sparkBuckets / 1000,
      counts,
      uplink: uplinkShape(
        judgeUplink({
          targets: probed.map(({ id, ip }) => ({
            ip,
            outage: monitor.states.stateOf(id)?.outage ?? unknownOutageState(),
          })),
          gateway,
          notSentTargets: monitor.notSent.recentTargets(),
        }),
      ),
      notices: [...noticesOf(monitor.recorder.status()), ...notSentSentence(readNotSent(monitor))],
    }));
  });
}

/** Pending and dropped results: the figures shown do not include everything that was measured. */
function noticesOf({ isFailing, spooledResults, droppedResults, message }: RecorderStatus): readonly string[] {
  return isFailing || spooledResults > 0 || droppedResults > 0 ? [message] : [];
}

function uplinkShape(uplink: Uplink): UplinkShape {
  const none = { count: null, gateway: null, since: null };
  switch (uplink.status) {
    case 'unknown':
    case 'ok':
      return { ...none, status: uplink.status };
    case 'not-sending':
      return { ...none, status: uplink.status, count: uplink.count };
    case 'down':
      return { ...none, status: uplink.status, gateway: uplink.gateway ?? null, since: instantOf(uplink.since) };
    case 'suspect':
      return { ...none, status: uplink.status, count: uplink.count, since: instantOf(uplink.since) };
    default:
      return uplink satisfies never;
  }
}
