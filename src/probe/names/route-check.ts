import { createSocket } from 'node:dgram';
import { familyOf } from '../../core/target/target.ts';

/** The address from which this machine would send to `ip`, a canonical address; `undefined` without a route. Sends nothing. */
export function sourceTowards(ip: string): Promise<string | undefined> {
  const socket = createSocket(familyOf(ip) === 4 ? 'udp4' : 'udp6');
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.once('error', () => resolve(undefined));
  socket.once('connect', () => resolve(socket.address().address));
  // The port of "discard": connecting a UDP socket only consults the routing table.
  socket.connect(9, ip);
  return promise.finally(() => socket.close());
}
