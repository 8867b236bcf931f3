import { packetKey, plainPacket } from '../../core/target/probe-packet.ts';
import type { ProbePacket } from '../../core/target/probe-packet.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { type ProbeKindName, icmpProbe } from '../../core/target/probe-kinds.ts';
import { familyOf } from '../../core/target/target.ts';
import { errnos } from '../linux/libc.ts';
import { scopeOf } from '../linux/link-scope.ts';
import type { ProbeLane } from '../lane/probe-lane.ts';
import type { ProbedTarget } from '../port.ts';
import { SocketError } from '../linux/socket-setup.ts';

/** Packet formats that differ from plain ones: each has a socket of its own, and every reply passes all of them. */
const specialLanesMax = 32;

type OtherKind = Exclude<ProbeKindName, 'icmp'>;

/** What sends a target's probes, or why nothing does, as an errno. */
export type WayOut = ProbeLane | number;

/** A target's reference to its lane, which stays open until it is released. */
export interface LaneHandle {
  readonly wayOut: WayOut;
  /** A second call does nothing. */
  release(): void;
}

export interface LaneSetParts {
  /** Throws a SocketError when the lane cannot be opened. */
  readonly open: (family: AddressFamily, packet: ProbePacket, scope: number) => WayOut;
  readonly openKind: (kind: OtherKind, family: AddressFamily) => ProbeLane;
  readonly onNotice: (message: string) => void;
}

interface Special {
  readonly lane: ProbeLane;
  users: number;
}

/** A lane for each packet format in use. Those of plain packets are always open, others as long as a target needs them. */
export class LaneSet {
  readonly #parts: LaneSetParts;
  readonly #plain: Readonly<Record<AddressFamily, WayOut>>;
  readonly #special = new Map<string, Special>();
  /** From the first target on that needs them. */
  readonly #ofKinds = new Map<string, ProbeLane>();
  #all: readonly ProbeLane[] = [];

  constructor(parts: LaneSetParts) {
    this.#parts = parts;
    this.#plain = { 4: parts.open(4, plainPacket, 0), 6: parts.open(6, plainPacket, 0) };
    this.#list();
  }

  get all(): readonly ProbeLane[] {
    return this.#all;
  }

  get inFlight(): number {
    let sum = 0;
    for (const lane of this.#all) sum += lane.inFlight;
    return sum;
  }

  /** Quietly: a failure causes no notice. */
  take({ ip, packet = plainPacket, probe = icmpProbe }: ProbedTarget, isQuiet = false): LaneHandle {
    const family = familyOf(ip);
    if (probe.kind !== 'icmp') return unshared(this.#laneOf(probe.kind, family));
    const plain = this.#plain[family];
    const scope = scopeOf(ip);
    if (scope < 0) return this.#withoutScope(ip, -scope, isQuiet);
    const key = `${packetKey(family, packet)}%${scope}`;
    if (key === `${packetKey(family, plainPacket)}%0` || typeof plain === 'number') return unshared(plain);
    const known = this.#special.get(key);
    if (known !== undefined) return hold(known);
    const lane = this.#open(family, packet, scope, isQuiet);
    if (typeof lane === 'number') return unshared(lane);
    const special = { lane, users: 0 };
    this.#special.set(key, special);
    this.#list();
    return hold(special);
  }

  /** Closes lanes that no target needs any more and that have no probe in flight. */
  closeUnused(): void {
    let isChanged = false;
    for (const [key, { lane, users }] of this.#special) {
      if (users > 0 || lane.inFlight > 0) continue;
      lane.close();
      this.#special.delete(key);
      isChanged = true;
    }
    if (isChanged) this.#list();
  }

  close(): void {
    for (const lane of this.#all) lane.close();
    this.#all = [];
  }

  #withoutScope(ip: string, errno: number, isQuiet: boolean): LaneHandle {
    const why =
      errno === errnos.ENODEV
        ? 'this machine has no such interface'
        : 'this machine has several interfaces, so the address needs a zone, as in fe80::1%eth0';
    if (!isQuiet) this.#parts.onNotice(`${ip} is not probed: ${why}.`);
    return unshared(errno);
  }

  #laneOf(kind: OtherKind, family: AddressFamily): ProbeLane {
    const key = `${kind} ${family}`;
    const known = this.#ofKinds.get(key);
    if (known !== undefined) return known;
    const lane = this.#parts.openKind(kind, family);
    this.#ofKinds.set(key, lane);
    this.#list();
    return lane;
  }

  #open(family: AddressFamily, packet: ProbePacket, scope: number, isQuiet: boolean): WayOut {
    const onNotice = (message: string): void => (isQuiet ? undefined : this.#parts.onNotice(message));
    if (this.#special.size >= specialLanesMax) {
      const message = `Targets have more than ${specialLanesMax} combinations of packet size, DSCP and TTL; those of the others are not sent.`;
      onNotice(message);
      return errnos.ENOBUFS;
    }
    try {
      return this.#parts.open(family, packet, scope);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      onNotice(`No socket for probes of another size, DSCP or TTL: ${error.message}.`);
      return error.errno;
    }
  }

  #list(): void {
    const plain = [this.#plain[4], this.#plain[6]].filter((lane) => typeof lane !== 'number');
    this.#all = [...plain, ...[...this.#special.values()].map(({ lane }) => lane), ...this.#ofKinds.values()];
  }
}

/** For a lane that is open whoever uses it. */
function unshared(wayOut: WayOut): LaneHandle {
  return { wayOut, release: () => {} };
}

function hold(special: Special): LaneHandle {
  special.users++;
  let isHeld = true;
  return {
    wayOut: special.lane,
    release: () => {
      if (isHeld) special.users--;
      isHeld = false;
    },
  };
}
