import type { LiveHopEntry, StoredHop } from '../../contract/traceroute.ts';

/** One hop as it is shown, of a finished trace or of one that runs. */
export interface HopView {
  readonly ttl: number;
  readonly addresses: readonly {
    readonly ip: string;
    readonly host: string | null;
    readonly rttsMs: readonly number[];
  }[];
  /** `undefined` while the trace runs: what is not answered yet is not lost. */
  readonly sentCount: number | undefined;
}

export function viewOfStored(hop: StoredHop): HopView {
  const addresses = hop.addresses.map(({ ip, host, rtts_ms: rttsMs }) => ({ ip, host, rttsMs }));
  return { ttl: hop.hop, addresses, sentCount: hop.sent_count };
}

/** The answers so far in TTL order, without gaps, up to where the path ends as far as is known. */
export function viewsOfLive(answers: readonly LiveHopEntry[]): readonly HopView[] {
  const ends = answers.filter(({ kind }) => kind !== 'passed').map(({ hop }) => hop);
  const last = ends.length > 0 ? Math.min(...ends) : Math.max(0, ...answers.map(({ hop }) => hop));
  return Array.from({ length: last }, (_, index) => {
    const own = answers.filter(({ hop }) => hop === index + 1);
    const ips = [...new Set(own.map(({ ip }) => ip))];
    const addresses = ips.map((ip) => ({
      ip,
      host: null,
      rttsMs: own.filter((answer) => answer.ip === ip).map((answer) => answer.rtt_ms),
    }));
    return { ttl: index + 1, addresses, sentCount: undefined };
  });
}

export interface HopFigures {
  readonly rttsMs: readonly number[];
  readonly min: number | null;
  readonly avg: number | null;
  readonly max: number | null;
  /** 0..1; null while nobody knows. */
  readonly loss: number | null;
}

export function figuresOf({ addresses, sentCount }: HopView): HopFigures {
  const rttsMs = addresses.flatMap((address) => address.rttsMs);
  const has = rttsMs.length > 0;
  return {
    rttsMs,
    min: has ? Math.min(...rttsMs) : null,
    avg: has ? rttsMs.reduce((sum, each) => sum + each, 0) / rttsMs.length : null,
    max: has ? Math.max(...rttsMs) : null,
    loss: sentCount === undefined || sentCount === 0 ? null : Math.max(0, 1 - rttsMs.length / sentCount),
  };
}
