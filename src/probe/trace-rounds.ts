/** A hop before its name is looked up. */
export interface RawHop {
  readonly ttl: number;
  readonly ip: string | undefined;
  readonly rttMicros: number | undefined;
}

export interface RawPath {
  readonly hops: readonly RawHop[];
  readonly isDestinationReached: boolean;
}

export interface TraceAnswer extends RawHop {
  readonly ip: string;
  readonly rttMicros: number;
  /** passed: a router on the way; reached: the destination; refused: a router that sends nothing on to it. */
  readonly kind: 'passed' | 'reached' | 'refused';
}

const roundCount = 3;
/** Linux routers answer a burst of six with time exceeded, then one a second: asking sooner asks in vain. */
const roundMillis = 1000;
const lastWaitMillis = 1000;
const shortestLastWaitMillis = 200;

/**
 * Which TTLs to send when, and what the answers add up to. All TTLs go out at once; those without an answer again each
 * second, three rounds in all. Times are milliseconds of any one clock.
 */
export class TraceRounds {
  readonly #startMillis: number;
  readonly #deadlineMillis: number;
  readonly #answers = new Map<number, TraceAnswer>();
  #endTtl: number;
  #end: 'reached' | 'refused' | 'open' = 'open';
  #roundsSent = 0;

  constructor(request: { readonly maxHops: number; readonly timeoutMillis: number; readonly startMillis: number }) {
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
    if (this.#roundsSent === roundCount || !isDue || this.isFinished(nowMillis)) return [];
    this.#roundsSent++;
    return this.#missing();
  }

  answer(answer: TraceAnswer): void {
    if (answer.ttl > this.#endTtl) return;
    const known = this.#answers.get(answer.ttl);
    if (known !== undefined && !isBetter(answer, known)) return;
    this.#answers.set(answer.ttl, answer);
    if (answer.kind === 'passed') return;
    this.#endTtl = answer.ttl;
    this.#end = answer.kind;
  }

  isFinished(nowMillis: number): boolean {
    if (nowMillis >= this.#deadlineMillis) return true;
    if (this.#end !== 'open' && this.#missing().length === 0) return true;
    const lastRoundMillis = this.#startMillis + (roundCount - 1) * roundMillis;
    return this.#roundsSent === roundCount && nowMillis >= lastRoundMillis + this.#lastWait();
  }

  /** Without gaps up to the destination, to the router that refused, or to the highest TTL tried. */
  path(): RawPath {
    const hops = Array.from({ length: this.#endTtl }, (_, index): RawHop => {
      const answer = this.#answers.get(index + 1);
      return { ttl: index + 1, ip: answer?.ip, rttMicros: answer?.rttMicros };
    });
    return { hops, isDestinationReached: this.#end === 'reached' };
  }

  #missing(): number[] {
    const ttls = Array.from({ length: this.#endTtl }, (_, index) => index + 1);
    return ttls.filter((ttl) => !this.#answers.has(ttl));
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
