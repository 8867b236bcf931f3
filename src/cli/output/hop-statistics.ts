import type { LiveHopEntry, MplsLabelEntry, StoredHop } from '../../contract/paths/traceroute.ts';

/** The statistics of one hop after all rounds so far; null where nothing has answered. */
export interface HopFigures {
  readonly hop: number;
  readonly addresses: readonly HopAddress[];
  /** Probes that were answered or are given up. */
  readonly sentCount: number;
  readonly replyCount: number;
  /** 0 to 1. */
  readonly loss: number | null;
  readonly lastMs: number | null;
  readonly avgMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly stddevMs: number | null;
}

export interface HopAddress {
  readonly ip: string;
  readonly host: string | null;
  readonly replyCount: number;
  readonly mpls: readonly MplsLabelEntry[];
}

/** Accumulates the answers of successive traces, each probe once. In constant memory, so it can run for months. */
export class HopStatistics {
  readonly #hops: Tally[] = [];
  #end = 0;
  #endOfTrace = Infinity;
  roundCount = 0;

  /** New probes were sent: what the round before them left unanswered is lost. */
  round(hops: readonly number[]): void {
    this.settle();
    this.roundCount++;
    for (const hop of hops) this.#tallyOf(hop).isAwaited = true;
  }

  answer({ hop, ip, rtt_ms: rttMs, kind, mpls }: LiveHopEntry): void {
    if (kind !== 'passed') this.#endOfTrace = Math.min(this.#endOfTrace, hop);
    this.#end = this.#endOfTrace === Infinity ? Math.max(this.#end, hop) : this.#endOfTrace;
    this.#tallyOf(hop).add(ip, rttMs, mpls);
  }

  /** A trace has ended; the names of its hops are known. */
  finish(hops: readonly StoredHop[]): void {
    this.settle();
    this.#end = hops.length;
    this.#endOfTrace = Infinity;
    for (const { hop, addresses } of hops) {
      for (const { ip, host } of addresses) if (host !== null) this.#tallyOf(hop).hosts.set(ip, host);
    }
  }

  /** Pending probes are given up. */
  settle(): void {
    for (const tally of this.#hops) tally.settle();
  }

  /** In TTL order, up to the destination if it is known. */
  figures(): readonly HopFigures[] {
    return Array.from({ length: this.#end }, (_, index) => this.#tallyOf(index + 1).figures(index + 1));
  }

  #tallyOf(hop: number): Tally {
    while (this.#hops.length < hop) this.#hops.push(new Tally());
    return this.#hops[hop - 1] ?? new Tally();
  }
}

class Tally {
  readonly hosts = new Map<string, string>();
  isAwaited = false;
  readonly #addresses = new Map<string, { count: number; mpls: readonly MplsLabelEntry[] }>();
  #sentCount = 0;
  #replyCount = 0;
  #lastMs = 0;
  #minMs = Infinity;
  #maxMs = 0;
  // Welford's running mean and sum of squared deviations.
  #meanMs = 0;
  #squares = 0;

  add(ip: string, rttMs: number, mpls: readonly MplsLabelEntry[]): void {
    this.settle();
    const known = this.#addresses.get(ip);
    this.#addresses.set(ip, { count: (known?.count ?? 0) + 1, mpls: mpls.length > 0 ? mpls : (known?.mpls ?? []) });
    this.#replyCount++;
    this.#lastMs = rttMs;
    this.#minMs = Math.min(this.#minMs, rttMs);
    this.#maxMs = Math.max(this.#maxMs, rttMs);
    const difference = rttMs - this.#meanMs;
    this.#meanMs += difference / this.#replyCount;
    this.#squares += difference * (rttMs - this.#meanMs);
  }

  settle(): void {
    if (this.isAwaited) this.#sentCount++;
    this.isAwaited = false;
  }

  figures(hop: number): HopFigures {
    const [sentCount, replyCount] = [this.#sentCount, this.#replyCount];
    const known = (value: number): number | null => (replyCount === 0 ? null : value);
    return {
      hop,
      addresses: [...this.#addresses]
        .toSorted(([, left], [, right]) => right.count - left.count)
        .map(([ip, { count, mpls }]) => ({ ip, host: this.hosts.get(ip) ?? null, replyCount: count, mpls })),
      sentCount,
      replyCount,
      loss: sentCount === 0 ? null : Math.max(0, 1 - replyCount / sentCount),
      lastMs: known(this.#lastMs),
      avgMs: known(this.#meanMs),
      minMs: known(this.#minMs),
      maxMs: known(this.#maxMs),
      stddevMs: replyCount < 2 ? null : Math.sqrt(this.#squares / (replyCount - 1)),
    };
  }
}

/** The labels of a stack, outermost first; empty if there are none. */
export function labelText(labels: readonly MplsLabelEntry[]): string {
  return labels.length === 0 ? '' : ` [MPLS ${labels.map(({ label }) => label).join('/')}]`;
}
