import type { Hop, HopAnswer, LiveHop } from '../../core/path/path.ts';
import type { TraceRequest } from '../port.ts';

/** A hop before its names are looked up. */
export interface RawHop extends Omit<Hop, 'host' | 'answers'> {
  readonly answers: readonly Omit<HopAnswer, 'host'>[];
}

export interface RawPath {
  readonly hops: readonly RawHop[];
  readonly isDestinationReached: boolean;
}

/** Without an address if this machine itself found no way to the next hop. */
export type TraceAnswer = Omit<LiveHop, 'ip'> & { readonly ip: string | undefined };

/** How often a hop is probed before it counts as silent. */
const asksMin = 3;
/** Linux routers answer a burst of six with time exceeded, then one a second: probing sooner is in vain. */
const roundMillis = 1000;
const longestWaitMillis = 1000;
/** Linux reports host unreachable after it has asked for a neighbour three times, a second apart. */
const neighbourMillis = 3500;
/** How long to wait for the last answers once the destination has answered: in round trips of its slowest hop, with a minimum. */
const waits = {
  /**
   * For a silent hop, repeated after each wait. Three of them are ten round trips, which is what traceroute allows a hop whose
   * neighbours answer, limited to 90 ms, which a slow router's processor may need.
   */
  ask: { rtts: 1.5, shortestMillis: 1, patientRtts: 10 / 3, patientMillis: 30 },
  /** A hop that was silent the last time, too. */
  silent: { rtts: 1.25, shortestMillis: 1, patientRtts: 0, patientMillis: 0 },
  /** When answers are counted, a late one counts as lost. */
  count: { rtts: 3, shortestMillis: 200, patientRtts: 0, patientMillis: 0 },
} as const;

/**
 * Which TTLs to send when, and what the answers add up to. All TTLs are sent at once, for as many rounds as requested, a second
 * apart. Unanswered ones are repeated up to three times: soon after the destination answered, because the way there is then known
 * to be open, or with the next second. TTLs that were silent the last time, when they were waited for that long, are probed no
 * more often than others, so that they cost no time again. Times are milliseconds of any one clock.
 */
export class TraceRounds {
  readonly #startMillis: number;
  readonly #deadlineMillis: number;
  readonly #answers = new Map<number, TraceAnswer>();
  readonly #allAnswers = new Map<number, Omit<HopAnswer, 'host'>[]>();
  readonly #sent = new Map<number, number>();
  readonly #fullRounds: number;
  readonly #silentTtls: ReadonlySet<number>;
  #endTtl: number;
  #end: 'reached' | 'refused' | 'open' = 'open';
  #roundsSent = 0;
  #lastSentMillis = 0;

  constructor(request: Omit<TraceRequest, 'ip' | 'isNamed'> & { readonly startMillis: number }) {
    this.#silentTtls = new Set(request.silentTtls);
    this.#fullRounds = request.rounds;
    this.#startMillis = request.startMillis;
    this.#deadlineMillis = request.startMillis + request.timeoutMillis;
    this.#endTtl = request.maxHops;
  }

  /** The TTLs to send now. */
  take(nowMillis: number): readonly number[] {
    if (this.#isAsked() || this.isFinished(nowMillis) || nowMillis < this.#nextMillis()) return [];
    const ttls = this.#isAskingAll() ? this.#ttls() : this.#missing();
    this.#roundsSent++;
    this.#lastSentMillis = nowMillis;
    for (const ttl of ttls) this.#sent.set(ttl, (this.#sent.get(ttl) ?? 0) + 1);
    return ttls;
  }

  /** Returns whether it belongs to the path: a destination answers to every TTL beyond it, too. */
  answer(answer: TraceAnswer): boolean {
    if (answer.ttl > this.#endTtl) return false;
    this.#collect(answer);
    const known = this.#answers.get(answer.ttl);
    if (known !== undefined && !isBetter(answer, known)) return true;
    this.#answers.set(answer.ttl, answer);
    if (answer.kind === 'passed') return true;
    this.#endTtl = answer.ttl;
    this.#end = answer.kind;
    return true;
  }

  #collect({ ttl, ip, rttMicros, mplsLabels }: TraceAnswer): void {
    if (ip === undefined) return;
    const all = this.#allAnswers.get(ttl);
    if (all === undefined) this.#allAnswers.set(ttl, [{ ip, rttMicros, mplsLabels }]);
    else all.push({ ip, rttMicros, mplsLabels });
  }

  isFinished(nowMillis: number): boolean {
    if (nowMillis >= this.#deadlineMillis) return true;
    if (this.#isAskingAll()) return false;
    const isComplete = this.#end !== 'open' && this.#missing().length === 0;
    // One answer of each hop is enough, unless answers are counted.
    if (isComplete && (this.#fullRounds === 1 || this.#owed().length === 0)) return true;
    const isExpected = isComplete || this.#isAsked() || this.#isOnlySilent();
    const isNeighbourKnown = this.#end !== 'open' || nowMillis >= this.#startMillis + neighbourMillis;
    return isExpected && isNeighbourKnown && nowMillis >= this.#lastSentMillis + this.#waitMillis();
  }

  /** Without gaps up to the destination, to the router that refused, or to the highest TTL tried. */
  path(): RawPath {
    const hops = Array.from({ length: this.#endTtl }, (_, index): RawHop => {
      const answer = this.#answers.get(index + 1);
      const ttl = index + 1;
      const known = { sent: this.#sent.get(ttl) ?? 0, answers: this.#allAnswers.get(ttl) ?? [] };
      const mark = answer?.mark === undefined ? {} : { mark: answer.mark };
      // The time that this machine takes to give up is not a round trip.
      const rttMicros = answer?.ip === undefined ? undefined : answer.rttMicros;
      return { ttl, ip: answer?.ip, rttMicros, ...mark, ...known };
    });
    return { hops, isDestinationReached: this.#end === 'reached' };
  }

  #isAskingAll(): boolean {
    return this.#roundsSent < this.#fullRounds;
  }

  /** Whether even a silent hop has been probed often enough. */
  #isAsked(): boolean {
    return this.#roundsSent >= Math.max(asksMin, this.#fullRounds);
  }

  #nextMillis(): number {
    if (this.#isAskingAll()) return this.#startMillis + this.#roundsSent * roundMillis;
    return this.#lastSentMillis + (this.#fullRounds === 1 ? this.#waitMillis() : roundMillis);
  }

  #ttls(): number[] {
    return Array.from({ length: this.#endTtl }, (_, index) => index + 1);
  }

  #missing(): number[] {
    return this.#ttls().filter((ttl) => !this.#answers.has(ttl));
  }

  /** Whether the destination and all hops that ever answer have done so. */
  #isOnlySilent(): boolean {
    return this.#end !== 'open' && this.#missing().every((ttl) => this.#silentTtls.has(ttl));
  }

  /** The TTLs with an unanswered probe. */
  #owed(): number[] {
    return this.#ttls().filter((ttl) => (this.#allAnswers.get(ttl)?.length ?? 0) < (this.#sent.get(ttl) ?? 1));
  }

  #waitMillis(): number {
    if (this.#end === 'open') return longestWaitMillis;
    const kind = this.#fullRounds > 1 ? 'count' : this.#isOnlySilent() ? 'silent' : 'ask';
    const { rtts, shortestMillis, patientRtts, patientMillis } = waits[kind];
    const slowestMillis = Math.max(...[...this.#answers.values()].map((answer) => answer.rttMicros)) / 1000;
    const patient = Math.min(patientMillis, patientRtts * slowestMillis);
    return Math.min(longestWaitMillis, Math.max(shortestMillis, patient, rtts * slowestMillis));
  }
}

/** The destination's own answer takes precedence; of two equal ones the faster, because the slower one waited for something. */
function isBetter(answer: TraceAnswer, known: TraceAnswer): boolean {
  if (answer.kind === known.kind) return answer.rttMicros < known.rttMicros;
  return known.kind !== 'reached';
}
