import type { Hop, HopAnswer, LiveHop } from '../core/path.ts';
import type { TraceRequest } from './probe.ts';

/** A hop before its names are looked up. */
export interface RawHop extends Omit<Hop, 'host' | 'answers'> {
  readonly answers: readonly Omit<HopAnswer, 'host'>[];
}

export interface RawPath {
  readonly hops: readonly RawHop[];
  readonly isDestinationReached: boolean;
}

export type TraceAnswer = LiveHop;

const roundsMin = 3;
/** Linux routers answer a burst of six with time exceeded, then one a second: asking sooner asks in vain. */
const roundMillis = 1000;
const lastWaitMillis = 1000;
const shortestLastWaitMillis = 200;

/**
 * Which TTLs to send when, and what the answers add up to. All TTLs go out at once, as many rounds as are asked for, a
 * second apart; those without an answer again until there were three. Times are milliseconds of any one clock.
 */
export class TraceRounds {
  readonly #startMillis: number;
  readonly #deadlineMillis: number;
  readonly #answers = new Map<number, TraceAnswer>();
  readonly #allAnswers = new Map<number, Omit<HopAnswer, 'host'>[]>();
  readonly #sent = new Map<number, number>();
  readonly #fullRounds: number;
  readonly #roundCount: number;
  #endTtl: number;
  #end: 'reached' | 'refused' | 'open' = 'open';
  #roundsSent = 0;

  constructor(request: Omit<TraceRequest, 'ip'> & { readonly startMillis: number }) {
    this.#fullRounds = request.rounds;
    this.#roundCount = Math.max(roundsMin, request.rounds);
    this.#startMillis = request.startMillis;
    this.#deadlineMillis = request.startMillis + request.timeoutMillis;
    this.#endTtl = request.maxHops;
  }

  /** How many rounds have been handed out by `take`. */
  get roundsSent(): number {
    return this.#roundsSent;
  }

  /** The TTLs to send now; each call that returns some begins a round. */
  take(nowMillis: number): readonly number[] {
    const isDue = nowMillis >= this.#startMillis + this.#roundsSent * roundMillis;
    if (this.#roundsSent === this.#roundCount || !isDue || this.isFinished(nowMillis)) return [];
    this.#roundsSent++;
    const ttls = this.#roundsSent <= this.#fullRounds ? this.#ttls() : this.#missing();
    for (const ttl of ttls) this.#sent.set(ttl, (this.#sent.get(ttl) ?? 0) + 1);
    return ttls;
  }

  /** Returns whether it belongs to the path: a destination answers to every TTL beyond it, too. */
  answer(answer: TraceAnswer): boolean {
    if (answer.ttl > this.#endTtl) return false;
    const { ttl, ip, rttMicros } = answer;
    const all = this.#allAnswers.get(ttl);
    if (all === undefined) this.#allAnswers.set(ttl, [{ ip, rttMicros }]);
    else all.push({ ip, rttMicros });
    const known = this.#answers.get(answer.ttl);
    if (known !== undefined && !isBetter(answer, known)) return true;
    this.#answers.set(answer.ttl, answer);
    if (answer.kind === 'passed') return true;
    this.#endTtl = answer.ttl;
    this.#end = answer.kind;
    return true;
  }

  isFinished(nowMillis: number): boolean {
    if (nowMillis >= this.#deadlineMillis) return true;
    const isAllAsked = this.#roundsSent >= this.#fullRounds && this.#end !== 'open';
    const isComplete = isAllAsked && this.#missing().length === 0;
    // One answer of each hop is enough, unless it is to be known how many come.
    if (isComplete && (this.#fullRounds === 1 || this.#owed().length === 0)) return true;
    const lastRoundMillis = this.#startMillis + (this.#roundsSent - 1) * roundMillis;
    const isOver = nowMillis >= lastRoundMillis + this.#lastWait();
    return isOver && (isComplete || this.#roundsSent === this.#roundCount);
  }

  /** Without gaps up to the destination, to the router that refused, or to the highest TTL tried. */
  path(): RawPath {
    const hops = Array.from({ length: this.#endTtl }, (_, index): RawHop => {
      const answer = this.#answers.get(index + 1);
      const ttl = index + 1;
      const known = { sent: this.#sent.get(ttl) ?? 0, answers: this.#allAnswers.get(ttl) ?? [] };
      return { ttl, ip: answer?.ip, rttMicros: answer?.rttMicros, ...known };
    });
    return { hops, isDestinationReached: this.#end === 'reached' };
  }

  #ttls(): number[] {
    return Array.from({ length: this.#endTtl }, (_, index) => index + 1);
  }

  #missing(): number[] {
    return this.#ttls().filter((ttl) => !this.#answers.has(ttl));
  }

  /** The TTLs with a probe that is not answered yet. */
  #owed(): number[] {
    return this.#ttls().filter((ttl) => (this.#allAnswers.get(ttl)?.length ?? 0) < (this.#sent.get(ttl) ?? 1));
  }

  /** Where the destination answered, routers before it are not much slower. */
  #lastWait(): number {
    if (this.#end === 'open') return lastWaitMillis;
    const slowest = Math.max(...[...this.#answers.values()].map((answer) => answer.rttMicros));
    return Math.min(lastWaitMillis, Math.max(shortestLastWaitMillis, (3 * slowest) / 1000));
  }
}

/** The destination's own answer counts most; of two alike the faster, since the slower one waited for something. */
function isBetter(answer: TraceAnswer, known: TraceAnswer): boolean {
  if (answer.kind === known.kind) return answer.rttMicros < known.rttMicros;
  return known.kind !== 'reached';
}
