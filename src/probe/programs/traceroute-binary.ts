import { isAbsolute } from 'node:path';
import { Problem } from '../../core/problem.ts';
import { runChild } from './child-process.ts';
import type { TraceRequest } from '../port.ts';
import type { RawPath } from '../trace/trace-rounds.ts';
import { readTracerouteOutput } from './traceroute-output.ts';

const outputBytes = 64 << 10;
const longestWaitSeconds = 5;

/** Traces with an external traceroute; `binary` is an absolute path. Throws a Problem, or the reason of an abort. */
export async function runTraceroute(binary: string, request: TraceRequest, signal: AbortSignal): Promise<RawPath> {
  if (!isAbsolute(binary)) throw new Problem('trace-unavailable', `${binary} is not an absolute path.`);
  signal.throwIfAborted();
  const { ip, maxHops, timeoutMillis } = request;
  const outcome = await runChild({
    file: binary,
    arguments: tracerouteArguments(request),
    timeoutMillis,
    outputBytes,
    signal,
  });
  switch (outcome.kind) {
    case 'ended': {
      const path = readTracerouteOutput(outcome.stdout, ip, maxHops);
      if (path.hops.length > 0) return path;
      const said = outcome.stderr.trim().split('\n')[0] ?? '';
      throw new Problem(
        'trace-unavailable',
        `${binary} returned no hops: ${said.slice(0, 200) || 'it printed nothing'}.`,
      );
    }
    case 'too-slow':
      throw new Problem('trace-unavailable', `${binary} did not end within ${timeoutMillis / 1000} s.`);
    case 'too-much-output':
      throw new Problem('trace-unavailable', `${binary} printed more than ${outputBytes} bytes.`);
    case 'not-started':
      throw new Problem('trace-unavailable', `${binary} cannot be run (${outcome.code}).`);
    case 'aborted':
      throw signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
    default:
      return outcome satisfies never;
  }
}

function tracerouteArguments({ ip, maxHops, timeoutMillis }: TraceRequest): readonly string[] {
  // Three of its waits in a row still end within our own time limit.
  const waitSeconds = Math.max(1, Math.min(longestWaitSeconds, Math.floor(timeoutMillis / 3000)));
  return ['-n', '-q', '1', '-w', String(waitSeconds), '-m', String(maxHops), '--', ip];
}
