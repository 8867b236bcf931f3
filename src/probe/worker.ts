import { parentPort, workerData } from 'node:worker_threads';
import { batchBuffers } from '../core/probe-result.ts';
import { createKernelClocks } from './clocks.ts';
import { LatenessWindow } from './lateness.ts';
import { loadLibc } from './libc.ts';
import { PingEngine } from './ping-engine.ts';
import type { LaneContext } from './probe-lane.ts';
import { createTokenSigner } from './probe-token.ts';
import { ResultColumns } from './result-columns.ts';
import { ScheduleClock } from './schedule-clock.ts';
import { chooseMethod, methodMessage } from './self-test.ts';
import { publishCounters, readCounters } from './shared-counters.ts';
import { SocketLane } from './socket-lane.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new Error('the probing thread was started as a program');
const start = workerData as WorkerStart;
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

const libc = loadLibc();
const clocks = createKernelClocks(libc);
clocks.read();
const wallMillis = clocks.baseSeconds * 1000 + clocks.wallNanos / 1e6;
const tally = readCounters(start.counterMemory);
const columns = new ResultColumns();
const context: LaneContext = {
  clocks,
  schedule: new ScheduleClock(wallMillis, clocks.monotonicMillis, start.lowestAnchorMillis),
  columns,
  tally,
  lateness: new LatenessWindow(),
  timeoutMillis: start.timeoutMillis,
  lastStep: { monotonicMillis: Number.NEGATIVE_INFINITY },
};
const signer = createTokenSigner();
const ipv4 = chooseMethod(libc, 4, start.methods, true);
const ipv6 = chooseMethod(libc, 6, start.methods, true);
const laneOf = (family: 4 | 6, method: string) =>
  method === 'raw-socket' || method === 'ping-socket'
    ? new SocketLane({ libc, family, method, context, signer })
    : undefined;
const engine = new PingEngine({
  context,
  lanes: { 4: laneOf(4, ipv4.method), 6: laneOf(6, ipv6.method) },
  maxInFlight: start.maxInFlight,
  onNotice: (message) => post({ kind: 'notice', message }),
});

let publishedAt = 0;
let stopAt = Number.POSITIVE_INFINITY;
let isStopped = false;
let timer: NodeJS.Timeout | undefined;

function publish(): void {
  publishedAt = clocks.monotonicMillis;
  publishCounters(start.counterMemory, tally);
  const batch = columns.take();
  if (batch !== undefined) post({ kind: 'results', batch }, batchBuffers(batch));
}

function turn(): void {
  if (isStopped) return;
  const wait = engine.tick();
  if (clocks.monotonicMillis - publishedAt >= 100) publish();
  if (clocks.monotonicMillis >= stopAt || (stopAt < Number.POSITIVE_INFINITY && engine.inFlight === 0)) {
    isStopped = true;
    publish();
    port?.close();
    return;
  }
  if (wait <= 12) {
    clocks.sleep(wait);
    setImmediate(turn);
  } else {
    timer = setTimeout(turn, wait - 2);
  }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'ping') engine.change(message.change);
  if (message.kind === 'stop') {
    engine.stop();
    clocks.read();
    stopAt = clocks.monotonicMillis + 1000;
  }
});

post({
  kind: 'ready',
  status: { ipv4: ipv4.method, ipv6: ipv6.method, message: methodMessage(ipv4, ipv6, process.execPath) },
  anchorMillis: context.schedule.anchorMillis,
});
turn();
void timer;
