import type { AddressFamily } from '../../core/target/address-family.ts';

/**
 * The one place that decides what an ICMP message means to a probe, on every kind of socket. Errors mean that the probe did not
 * arrive: destination unreachable, time exceeded, parameter problem, and for IPv6 packet too big. All other types, such as
 * redirects and source quench, are advice about packets that were forwarded, and never a loss.
 */
export function isIcmpError(family: AddressFamily, type: number): boolean {
  return family === 4 ? type === 3 || type === 11 || type === 12 : type >= 1 && type <= 4;
}

/** A router could not forward a packet because it is larger than the next link allows. */
export function isTooBig(family: AddressFamily, type: number, code: number): boolean {
  return family === 4 ? type === 3 && code === 4 : type === 2;
}
