import ipaddr from 'ipaddr.js';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { withoutZone } from '../../core/target/target.ts';

/** Four 32-bit words for either family, in memory order as in a sockaddr; IPv4 uses the first. */
export type AddressWords = Uint32Array<ArrayBuffer>;

const addressOffsets = { 4: 4, 6: 8 } as const;

/** Where in a sockaddr_in or sockaddr_in6 its address begins, in bytes. */
export function addressOffsetOf(family: AddressFamily): number {
  return addressOffsets[family];
}

/** Where in a sockaddr_in6 the index of the interface is. */
export const scopeOffset = 24;

/** `ip` is canonical. */
export function addressWordsOf(ip: string): AddressWords {
  const bytes = new Uint8Array(16);
  bytes.set(ipaddr.parse(withoutZone(ip)).toByteArray());
  return new Uint32Array(bytes.buffer);
}

/** Canonical text of the address whose bytes begin at `offset`. */
export function addressTextAt(view: DataView<ArrayBuffer>, offset: number, family: AddressFamily): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, family === 4 ? 4 : 16);
  return ipaddr.fromByteArray([...bytes]).toString();
}
