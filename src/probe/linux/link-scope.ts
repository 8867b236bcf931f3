import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { familyOf, withoutZone, zoneOf } from '../../core/target/target.ts';
import { errnos } from './libc.ts';

/**
 * The index of the interface by which packets to a link-local address leave, from its zone; 0 for all other addresses. A negative
 * errno if there is none: ENODEV without such an interface, EDESTADDRREQ if the address has no zone and this machine several
 * interfaces.
 */
export function scopeOf(ip: string): number {
  if (familyOf(ip) !== 6 || ipaddr.IPv6.parse(withoutZone(ip)).range() !== 'linkLocal') return 0;
  const zone = zoneOf(ip);
  const indexes = new Map<string, number>();
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const linkLocal = addresses.find(({ scopeid = 0, internal }) => scopeid !== 0 && !internal);
    if (linkLocal?.scopeid !== undefined) indexes.set(name, linkLocal.scopeid);
  }
  if (zone === undefined) {
    const [only] = indexes.values();
    return indexes.size === 1 && only !== undefined ? only : -errnos.EDESTADDRREQ;
  }
  const isIndex = [...indexes.values()].includes(Number(zone));
  return indexes.get(zone) ?? (isIndex ? Number(zone) : -errnos.ENODEV);
}
