import type { LiveHopEntry, StoredHop } from '../../contract/paths/traceroute.ts';

/** One hop as it is shown, of a finished or running trace. */
export interface HopView {
  readonly ttl: number;
  readonly addresses: readonly {
    readonly ip: string;
    readonly host: string | null;
    readonly rttsMs: readonly number[];
    /** MPLS labels that the router quoted, outermost first. */
    readonly labels: readonly number[];
  }[];
  /** `undefined` while the trace runs: what is not answered yet is not lost. */
  readonly sentCount: number | undefined;
  /** As traceroute marks a hop that refused: `!H` … */
  readonly mark: string | null;
}

export function viewOfStored(hop: StoredHop): HopView {
  const addresses = hop.addresses.map(({ ip, host, rtts_ms: rttsMs, mpls }) => {
    return { ip, host, rttsMs, labels: mpls.map(({ label }) => label) };
  });
  return { ttl: hop.hop, addresses, sentCount: hop.sent_count, mark: hop.mark ?? null };
}

/** The answers so far in TTL order, without gaps, up to the known end of the path. */
export function viewsOfLive(answers: readonly LiveHopEntry[]): readonly HopView[] {
  const ends = answers.filter(({ kind }) => kind !== 'passed').map(({ hop }) => hop);
  const last = ends.length > 0 ? Math.min(...ends) : Math.max(0, ...answers.map(({ hop }) => hop));
  return Array.from({ length: last }, (_, index) => {
    const own = answers.filter(({ hop }) => hop === index + 1);
    const ips = [...new Set(own.map(({ ip }) => ip))];
    const addresses = ips.map((ip) => {
      const answers = own.filter((answer) => answer.ip === ip);
      const labels = answers.at(-1)?.mpls.map(({ label }) => label) ?? [];
      return { ip, host: null, rttsMs: answers.map((answer) => answer.rtt_ms), labels };
    });
    return { ttl: index + 1, addresses, sentCount: undefined, mark: null };
  });
}

export interface HopFigures {
  readonly rttsMs: readonly number[];
  readonly min: number | null;
  readonly avg: number | null;
  readonly max: number | null;
  /** 0..1; null while unknown. */
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

/**
 * Which hops lost on the way and not by their own rate limit: those after which every hop that answers lost too. A router that is
 * always silent says nothing about the way.
 */
export function lossesOnTheWay(figures: readonly HopFigures[]): readonly boolean[] {
  const isLossy = figures.map(({ loss, rttsMs }) => (rttsMs.length === 0 ? undefined : (loss ?? 0) > 0));
  const end = figures.at(-1);
  // The destination's own silence is loss.
  if (end !== undefined && end.rttsMs.length === 0 && end.loss !== null) isLossy[isLossy.length - 1] = true;
  return isLossy.map((own, index) => own === true && isLossy.slice(index).every((each) => each !== false));
}
