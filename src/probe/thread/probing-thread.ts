import type { ResultBatch } from '../../core/result/probe-result.ts';
import type { ProbePacket } from '../../core/target/probe-packet.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { createKernelClocks, createPortableClocks } from '../linux/clocks.ts';
import { IdentifierBlocks } from './identifier-blocks.ts';
import { LatenessWindow } from '../lane/lateness.ts';
import type { Libc } from '../linux/libc.ts';
import { errnos, loadLibc } from '../linux/libc.ts';
import { noteDescriptors } from '../linux/open-descriptors.ts';
import { AnomalyCounts } from '../../core/result/anomalies.ts';
import { ProbeScheduler } from './probe-scheduler.ts';
import { laneOpeners } from './lane-openers.ts';
import { LaneSet } from './lane-set.ts';
import type { WayOut } from './lane-set.ts';
import type { LaneContext } from '../lane/probe-lane.ts';
import { createTokenSigner } from '../messages/probe-token.ts';
import { ResultColumns } from '../lane/result-columns.ts';
import { ScheduleClock } from '../lane/schedule-clock.ts';
import { chooseMethod, methodMessage } from '../icmp/self-test.ts';
import { publishCounters, readCounters } from '../lane/shared-counters.ts';
import { SocketLane } from '../icmp/socket-lane.ts';
import { SystemPingLane, hasSystemPing } from '../programs/system-ping.ts';
import { Tracer } from '../trace/tracer.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';
import { callPlaces } from './worker-messages.ts';

const publishMillis = 200;
/** How long in-flight probes may still end after a stop. */
const lingerMillis = 1000;
/** How long the thread stays out of its event loop, a round of which costs as much as several probes, unless it is called. */
const loopAbsenceMillis = 1000;
const traceTickMillis = 1;

export interface ThreadPort {
  readonly post: (message: FromWorker) => void;
  readonly postBatch: (batch: ResultBatch) => void;
  /** Called once, when everything has been reported and closed. */
  readonly onStopped: () => void;
}

/** Everything that runs in the probing thread; returns the handler of its messages. */
export function startProbingThread(start: WorkerStart, port: ThreadPort): (message: ToWorker) => void {
  const libc = tryLoadLibc(start.descriptorMemory);
  const clocks = libc === undefined ? createPortableClocks() : createKernelClocks(libc);
  clocks.read();
  const wallMillis = clocks.baseSeconds * 1000 + clocks.wallNanos / 1e6;
  const context: LaneContext = {
    clocks,
    schedule: new ScheduleClock(wallMillis, clocks.monotonicMillis, start.lowestAnchorMillis),
    columns: new ResultColumns(),
    tally: readCounters(start.counterMemory),
    lateness: new LatenessWindow(),
    anomalies: new AnomalyCounts(),
    timeoutMillis: start.timeoutMillis,
    lastStep: { monotonicMillis: Number.NEGATIVE_INFINITY, byMillis: 0 },
  };
  const signer = createTokenSigner();
  const blocks = new IdentifierBlocks(start.shard);
  const ipv4 = chooseMethod(libc, 4, start.methods, hasSystemPing);
  const ipv6 = chooseMethod(libc, 6, start.methods, hasSystemPing);
  const open = (family: AddressFamily, packet: ProbePacket, scope: number): WayOut => {
    const { method, refusedErrno } = family === 4 ? ipv4 : ipv6;
    if (method === 'system-ping') return new SystemPingLane(context, family, packet);
    if (method === 'none' || libc === undefined) return refusedErrno || errnos.EAFNOSUPPORT;
    return new SocketLane({ libc, family, method, context, signer, packet, scope, identifierBase: blocks.take() });
  };
  const onNotice = (message: string): void => port.post({ kind: 'notice', message });
  const lanes = new LaneSet({
    open,
    openKind: (kind, family) => laneOpeners[kind]({ libc, family, context }),
    onNotice,
  });
  const engine = new ProbeScheduler({ context, lanes, maxInFlight: start.maxInFlight, onNotice });
  const tracer = new Tracer({
    libc,
    clocks,
    signer,
    methods: { 4: ipv4.method, 6: ipv6.method },
    onHop: (traceId, hop) => port.post({ kind: 'hop', traceId, hop }),
    onRound: (traceId, ttls) => port.post({ kind: 'round', traceId, ttls }),
    onPath: (traceId, path) => port.post({ kind: 'traced', traceId, path }),
    onFailure: (traceId, message) => port.post({ kind: 'trace-failed', traceId, message }),
  });

  const called = new Int32Array(start.callMemory);
  // Processes of the system's ping and Node's connections end in the event loop.
  const isInLoop = libc === undefined || [ipv4, ipv6].some(({ method }) => method === 'system-ping');
  let heard = 0;
  let publishedAt = 0;
  let stopAt = Number.POSITIVE_INFINITY;
  let postedAnchor = context.schedule.anchorMillis;
  let timer: NodeJS.Timeout | undefined;

  const publish = (): void => {
    publishedAt = clocks.monotonicMillis;
    Atomics.add(called, callPlaces.beats, 1);
    publishCounters(start.counterMemory, context.tally);
    if (postedAnchor !== context.schedule.anchorMillis) {
      postedAnchor = context.schedule.anchorMillis;
      port.post({ kind: 'anchor', anchorMillis: postedAnchor });
    }
    const batch = context.columns.take();
    if (batch !== undefined) port.postBatch(batch);
    const rows = context.anomalies.take();
    if (rows !== undefined) port.post({ kind: 'anomalies', rows });
  };

  /** Sends and receives once, then returns how long to wait; negative when everything has ended. */
  const step = (): number => {
    const wait = Math.min(engine.tick(), tracer.running > 0 ? traceTickMillis : Number.POSITIVE_INFINITY);
    tracer.tick();
    const now = clocks.monotonicMillis;
    const isOver = now >= stopAt || (stopAt < Number.POSITIVE_INFINITY && engine.inFlight === 0);
    if (isOver || now - publishedAt >= publishMillis) publish();
    return isOver ? -1 : wait;
  };

  /** Whether the thread has slept this long outside its event loop without a message. */
  const sleeps = (millis: number): boolean =>
    !isInLoop && Atomics.wait(called, callPlaces.messages, heard, millis) === 'timed-out';

  /** The event loop gets its turn when a message waits, and now and then. */
  const turn = (): void => {
    clocks.read();
    const backAt = clocks.monotonicMillis + loopAbsenceMillis;
    let wait = step();
    while (wait >= 0 && sleeps(wait)) {
      wait = step();
      if (clocks.monotonicMillis >= backAt) break;
    }
    if (wait < 0) {
      tracer.close();
      lanes.close();
      port.onStopped();
    } else if (isInLoop) {
      timer = setTimeout(turn, wait);
    } else {
      setImmediate(turn);
    }
  };

  const wake = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = setTimeout(turn, 0);
  };

  port.post({
    kind: 'ready',
    status: { ipv4: ipv4.method, ipv6: ipv6.method, message: methodMessage(ipv4, ipv6, process.execPath) },
    anchorMillis: postedAnchor,
  });
  turn();

  return (message) => {
    heard++;
    clocks.read();
    switch (message.kind) {
      case 'schedule':
        engine.change(message.change);
        break;
      case 'trace':
        tracer.start(message.traceId, message.request);
        break;
      case 'abort-trace':
        tracer.abort(message.traceId);
        break;
      case 'stop':
        engine.stop();
        stopAt = clocks.monotonicMillis + lingerMillis;
        break;
      default:
        message satisfies never;
    }
    wake();
  };
}

/** `undefined` without a libc that we know, or without a binary of koffi: only the system's ping is left then. */
function tryLoadLibc(descriptorMemory: SharedArrayBuffer): Libc | undefined {
  try {
    return noteDescriptors(loadLibc(), descriptorMemory);
  } catch {
    return undefined;
  }
}
