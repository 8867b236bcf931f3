import type { AddressFamily } from '../../core/target/address-family.ts';
import type { Libc } from '../linux/libc.ts';
import { errnos } from '../linux/libc.ts';
import type { ProbeMethod } from '../port.ts';
import { SocketError, openDescriptor } from '../linux/socket-setup.ts';
import type { SocketMethod } from '../linux/socket-setup.ts';

/** Best first. */
export const allMethods: readonly ProbeMethod[] = ['raw-socket', 'ping-socket', 'system-ping'];

export interface ChosenMethod {
  readonly method: ProbeMethod;
  /** errno of the first socket that was refused; 0 if the best method is in use or libc is not available. */
  readonly refusedErrno: number;
}

/** The best of the `allowed` methods that this process may use for one family. `libc` is `undefined` outside Linux. */
export function chooseMethod(
  libc: Libc | undefined,
  family: AddressFamily,
  allowed: readonly ProbeMethod[],
  hasSystemPing: (family: AddressFamily) => boolean,
): ChosenMethod {
  let refusedErrno = 0;
  for (const method of allMethods) {
    if (!allowed.includes(method)) continue;
    if (method === 'system-ping' && refusedErrno !== errnos.EAFNOSUPPORT && hasSystemPing(family)) {
      return { method, refusedErrno };
    }
    if ((method !== 'raw-socket' && method !== 'ping-socket') || libc === undefined) continue;
    const errno = errnoOfOpening(libc, family, method);
    if (errno === 0) return { method, refusedErrno };
    if (refusedErrno === 0) refusedErrno = errno;
  }
  return { method: 'none', refusedErrno };
}

function errnoOfOpening(libc: Libc, family: AddressFamily, method: SocketMethod): number {
  try {
    libc.close(openDescriptor(libc, { family, method, identifierBase: 0, identifierCount: 1 }));
    return 0;
  } catch (error) {
    if (error instanceof SocketError) return error.errno;
    throw error;
  }
}

const words = {
  'raw-socket': 'raw sockets',
  'ping-socket': 'ping sockets',
  'system-ping': "the system's ping, one process per probe, which is slow and imprecise",
  none: 'nothing, as no way of sending is allowed',
} as const satisfies Record<ProbeMethod, string>;

/** One or two sentences for the operator; `nodePath` is the program that would need the capability. */
export function methodMessage(ipv4: ChosenMethod, ipv6: ChosenMethod, nodePath: string): string {
  const inUse =
    ipv4.method === ipv6.method
      ? `Probing IPv4 and IPv6 with ${words[ipv4.method]}.`
      : `Probing IPv4 with ${words[ipv4.method]} and IPv6 with ${words[ipv6.method]}.`;
  if (ipv6.method === 'none' && ipv6.refusedErrno === errnos.EAFNOSUPPORT) {
    return `${ipv4.method === 'none' ? inUse : `Probing IPv4 with ${words[ipv4.method]}; this system has no IPv6.`}${advice(ipv4.method, nodePath)}`;
  }
  const worst = allMethods.indexOf(ipv4.method) >= allMethods.indexOf(ipv6.method) ? ipv4.method : ipv6.method;
  return `${inUse}${advice([ipv4.method, ipv6.method].includes('none') ? 'none' : worst, nodePath)}`;
}

function advice(method: ProbeMethod, nodePath: string): string {
  const raw = `\`sudo setcap cap_net_raw+ep ${nodePath}\` (in a container: \`--cap-add NET_RAW\`)`;
  const ping = '`sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"`';
  switch (method) {
    case 'raw-socket':
      return '';
    case 'ping-socket':
      return ` Raw sockets are a little faster: ${raw}.`;
    case 'system-ping':
      return process.platform === 'linux' ? ` To probe without it, set ${ping} or ${raw}.` : '';
    case 'none':
      return process.platform === 'linux' ? ` To probe at all, set ${ping} or ${raw}.` : '';
    default:
      return method satisfies never;
  }
}
