import type { TargetId } from '../../core/ids.ts';
import { type ProbePolicy, isProbeAllowed } from '../../core/target/probe-policy.ts';
import { Problem, messageOf } from '../../core/problem.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import type { NewTarget, Target } from '../../core/target/target.ts';
import type { NameResolver, ResolvedName } from '../../probe/probe.ts';
import type { Clock } from '../../recording/recording.ts';

/** What a caller asks for: an address, or a name, optionally with an initial address. */
export type AskedTarget = Omit<NewTarget, 'ip'> & { readonly ip?: string | undefined };

/** The outcome for each of many requests. */
export interface AddedTargets<Asked> {
  readonly created: readonly Target[];
  readonly skipped: number;
  readonly refused: readonly { readonly asked: Asked; readonly problem: Problem }[];
}

/** How long an answer is used at most, whatever its TTL. */
export interface TtlBounds {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

export interface FirstAddress {
  readonly ip: string;
  readonly ttlSeconds: number;
}

/** The outcome of a query: an answer, or why there was none. */
export type NameAnswer = ResolvedName | Problem;

/** Keeps the addresses of named targets up to date: each name is resolved again when its TTL has expired. */
export interface Names extends AsyncDisposable {
  /**
   * The initial address: the first that the probe policy allows. Without an answer it is `ip`, if given; otherwise throws a
   * Problem `name-unresolved`, or `not-allowed`.
   */
  firstAddress(name: {
    readonly hostname: string;
    readonly family: AddressFamily | null;
    readonly ip?: string | undefined;
  }): Promise<FirstAddress>;
  /** Resolves the target's name from now on; a given answer is valid for `freshSeconds`. */
  follow(target: Target, freshSeconds?: number): void;
  forget(id: TargetId): void;
  /** Starts; `onAnswer` decides what follows from an answer. */
  start(onAnswer: (id: TargetId, hostname: string, answer: NameAnswer) => Promise<void>): void;
}

export interface NamesDependencies {
  readonly resolver: NameResolver;
  readonly clock: Clock;
  readonly policy: ProbePolicy;
  readonly bounds: TtlBounds;
  readonly onNotice: (message: string) => void;
}

const atOnceMax = 16;

interface Followed {
  readonly hostname: string;
  readonly family: AddressFamily | null;
  dueAt: number;
  isAsking: boolean;
}

export function createNames({ resolver, clock, policy, bounds, onNotice }: NamesDependencies): Names {
  const followed = new Map<TargetId, Followed>();
  const stopping = new AbortController();
  const asking = new Set<Promise<void>>();
  let onAnswer: Parameters<Names['start']>[0] | undefined;
  let sleeping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const bounded = (seconds: number): number => Math.min(bounds.maxSeconds, Math.max(bounds.minSeconds, seconds));

  async function ask(id: TargetId, entry: Followed): Promise<void> {
    const answer = await resolver.resolve(entry.hostname, entry.family, stopping.signal).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    entry.dueAt = clock.now() + bounded(answer instanceof Problem ? 0 : answer.ttlSeconds) * 1000;
    // In the meantime the target may have been removed, or have another name.
    if (followed.get(id) === entry && !stopping.signal.aborted) await onAnswer?.(id, entry.hostname, answer);
  }

  function askInTurn(id: TargetId, entry: Followed): void {
    entry.isAsking = true;
    const question = ask(id, entry)
      .catch((error: unknown) => {
        entry.dueAt = clock.now() + bounded(0) * 1000;
        const why = messageOf(error);
        onNotice(`The address of ${entry.hostname} could not be brought up to date: ${why}`);
      })
      .finally(() => {
        entry.isAsking = false;
        asking.delete(question);
        sleeping.abort();
      });
    asking.add(question);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      sleeping = new AbortController();
      let nextAt = clock.now() + bounds.maxSeconds * 1000;
      for (const [id, entry] of followed) {
        if (entry.isAsking) continue;
        if (entry.dueAt <= clock.now() && asking.size < atOnceMax) askInTurn(id, entry);
        else if (entry.dueAt > clock.now()) nextAt = Math.min(nextAt, entry.dueAt);
      }
      const signal = AbortSignal.any([sleeping.signal, stopping.signal]);
      await clock.sleep(Math.max(1, nextAt - clock.now()), signal);
    }
  }

  return {
    async firstAddress({ hostname, family, ip }) {
      const answer = await resolver.resolve(hostname, family).catch((error: unknown) => {
        if (error instanceof Problem && ip !== undefined) return undefined;
        throw error;
      });
      if (answer === undefined) return { ip: ip ?? '', ttlSeconds: bounded(0) };
      const allowed = answer.addresses.find((address) => isProbeAllowed(address, policy));
      if (allowed !== undefined) return { ip: allowed, ttlSeconds: bounded(answer.ttlSeconds) };
      throw new Problem('not-allowed', `${forbiddenSentence(hostname, answer.addresses)}.`);
    },
    follow(target, freshSeconds = 0) {
      const { id, hostname, family } = target;
      const isWanted = hostname !== null && target.isActive && !target.isSynthetic && target.deletedAt === null;
      if (isWanted) followed.set(id, { hostname, family, dueAt: clock.now() + freshSeconds * 1000, isAsking: false });
      else followed.delete(id);
      sleeping.abort();
    },
    forget: (id) => void followed.delete(id),
    start(listener) {
      onAnswer = listener;
      running = run();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      followed.clear();
      await running;
      await Promise.allSettled(asking);
    },
  };
}

export function forbiddenSentence(hostname: string, addresses: readonly string[]): string {
  return `${hostname} is ${addresses.join(', ')}, which PROBE_ALLOW or PROBE_DENY of this server forbids`;
}
