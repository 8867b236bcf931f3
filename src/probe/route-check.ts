import { createSocket } from 'node:dgram';
import { familyOf } from '../core/target.ts';

/** Whether this machine has a source address and a route for packets to `ip`, a canonical address. Sends nothing. */
export function hasRouteTo(ip: string): Promise<boolean> {
  const socket = createSocket(familyOf(ip) === 4 ? 'udp4' : 'udp6');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('error', () => resolve(false));
  socket.once('connect', () => resolve(true));
  // The port of "discard": connecting a UDP socket only asks the routing table.
  socket.connect(9, ip);
  return promise.finally(() => socket.close());
}
