import type { ProbePacket } from '../../core/target/probe-packet.ts';
import { plainPayloadBytes } from '../../core/target/probe-packet.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { IcmpSocket } from './icmp-socket.ts';
import type { Libc } from '../linux/libc.ts';
import type { LaneContext } from '../lane/probe-lane.ts';
import type { TokenSigner } from '../messages/probe-token.ts';
import { identifierCount } from './reply-matcher.ts';
import type { SocketMethod } from '../linux/socket-setup.ts';

/** Everything that one lane of sockets needs. */
export interface SocketLaneParts {
  readonly libc: Libc;
  readonly family: AddressFamily;
  readonly method: SocketMethod;
  readonly context: LaneContext;
  readonly signer: TokenSigner;
  readonly packet: ProbePacket;
  /** Index of the interface for link-local addresses; else 0. */
  readonly scope: number;
  /** The first of a block of `identifierCount`. */
  readonly identifierBase: number;
}

/** The sockets of a lane, opened when its serials reach them. */
export class LaneSockets {
  readonly #parts: SocketLaneParts;
  readonly #batchSize: number;
  readonly #sockets: (IcmpSocket | undefined)[] = [];

  constructor(parts: SocketLaneParts, batchSize: number) {
    this.#parts = parts;
    this.#batchSize = batchSize;
  }

  /** Indexes below this may be open. */
  get length(): number {
    return this.#sockets.length;
  }

  /** Packets that the kernel dropped because a receive buffer was full. */
  get overflows(): number {
    return this.#sockets.reduce((sum, socket) => sum + (socket?.overflows ?? 0), 0);
  }

  opened(index: number): IcmpSocket | undefined {
    return this.#sockets[index];
  }

  /** Throws a SocketError when not even one can be opened. */
  at(index: number): IcmpSocket {
    const known = this.#sockets[index];
    if (known !== undefined) return known;
    const { libc, family, method, context, packet, scope, identifierBase } = this.#parts;
    const { baseSeconds } = context.clocks;
    const { payloadBytes, dscp, ttl, dontFragment } = packet;
    try {
      const socket = new IcmpSocket(libc, {
        ...{ family, method, identifierBase, identifierCount, baseSeconds, dontFragment, scope },
        ...{ batchSize: this.#batchSize, payloadBytes: payloadBytes ?? plainPayloadBytes, dscp: dscp ?? 0 },
        ...(ttl === null ? {} : { ttl }),
      });
      this.#sockets[index] = socket;
      return socket;
    } catch (error) {
      // One socket is enough to continue: serials in the payload still identify all probes.
      const open = this.#sockets.find((socket) => socket !== undefined);
      if (open === undefined) throw error;
      return open;
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket?.close();
    this.#sockets.length = 0;
  }
}
