/** Why this machine could not send a probe, from the errno of the failed call. */
export type SendFailure =
  | 'no-route'
  | 'network-down'
  | 'blocked-here'
  | 'no-address'
  | 'no-family'
  | 'packet-too-large'
  | 'buffers-full'
  | 'too-many-probes'
  | 'no-descriptors'
  | 'no-interface'
  | 'no-zone'
  | 'failed';

interface Known {
  readonly name: string;
  readonly failure: SendFailure;
}

/** Linux's numbers, which stored results contain. */
const known: Readonly<Record<number, Known>> = {
  1: { name: 'EPERM', failure: 'blocked-here' },
  11: { name: 'EAGAIN', failure: 'too-many-probes' },
  13: { name: 'EACCES', failure: 'blocked-here' },
  19: { name: 'ENODEV', failure: 'no-interface' },
  22: { name: 'EINVAL', failure: 'no-route' },
  23: { name: 'ENFILE', failure: 'no-descriptors' },
  24: { name: 'EMFILE', failure: 'no-descriptors' },
  89: { name: 'EDESTADDRREQ', failure: 'no-zone' },
  90: { name: 'EMSGSIZE', failure: 'packet-too-large' },
  97: { name: 'EAFNOSUPPORT', failure: 'no-family' },
  99: { name: 'EADDRNOTAVAIL', failure: 'no-address' },
  100: { name: 'ENETDOWN', failure: 'network-down' },
  101: { name: 'ENETUNREACH', failure: 'no-route' },
  105: { name: 'ENOBUFS', failure: 'buffers-full' },
  113: { name: 'EHOSTUNREACH', failure: 'no-route' },
};

export function sendFailureOf(errno: number): SendFailure {
  return known[errno]?.failure ?? 'failed';
}

/** The name of an errno, such as ENETUNREACH; its number if it has no name here. */
export function errnoName(errno: number): string {
  return known[errno]?.name ?? `errno ${errno}`;
}

const words: Readonly<Record<SendFailure, string>> = {
  'no-route': 'no route to host',
  'network-down': 'the network interface is down',
  'blocked-here': 'blocked by this machine (firewall or missing permission)',
  'no-address': 'this machine has no source address for it',
  'no-family': 'this machine does not support its address family',
  'packet-too-large': 'the probe is larger than the interface allows',
  'buffers-full': 'the send buffers of this machine are full',
  'too-many-probes': 'too many probes are in flight',
  'no-descriptors': 'this machine is out of file descriptors',
  'no-interface': 'the interface named in its zone does not exist',
  'no-zone': 'a link-local address needs a zone such as %eth0 here',
  failed: 'sending failed',
};

/** In English, such as "no route to host". */
export function describeSendFailure(failure: SendFailure): string {
  return words[failure];
}
