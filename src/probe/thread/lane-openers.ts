import type { ProbeKindName } from '../../core/target/probe-kinds.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import type { LaneContext, ProbeLane } from '../lane/probe-lane.ts';
import type { Libc } from '../linux/libc.ts';
import { PortableTcpLane } from '../tcp/portable-tcp-lane.ts';
import { TcpLane } from '../tcp/tcp-lane.ts';

/** What a lane is opened with. */
export interface LaneParts {
  /** `undefined` if there is no Linux libc. */
  readonly libc: Libc | undefined;
  readonly family: AddressFamily;
  readonly context: LaneContext;
}

/**
 * What sends the probes of each kind: one lane per family, from the first target on that needs it. ICMP has lanes of its own for
 * each packet format, which `LaneSet` manages.
 */
export const laneOpeners: Readonly<Record<Exclude<ProbeKindName, 'icmp'>, (parts: LaneParts) => ProbeLane>> = {
  tcp: ({ libc, family, context }) =>
    libc === undefined ? new PortableTcpLane(context) : new TcpLane(libc, family, context),
};
