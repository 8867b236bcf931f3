import type { AddressWords } from '../linux/address-words.ts';

/**
 * Routers with several paths choose one by what they see of the flow: for ICMP, the identifier and the checksum as well as the
 * addresses. Both stay the same for all probes of all traces to one address, so that a path is one path and not a mix of several,
 * and two traces differ only where the route does (Augustin et al., "Avoiding traceroute anomalies").
 */

/** Identifiers below this are for traces, the others for the lanes of pings: neither wakes the sockets of the other. */
export const firstPingIdentifier = 0x8000;

export function traceIdentifierOf(words: AddressWords): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(words.buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 16)) & (firstPingIdentifier - 1);
}

/** The sequence that balances everything else that differs between probes, so that their checksums are equal. */
export function balancingSequence(serial: number, tokenLow: number, tokenHigh: number): number {
  const halves = [serial, tokenLow, tokenHigh].flatMap((word) => [word >>> 16, word & 0xffff]);
  const sum = halves.reduce((total, half) => total + half, 0);
  // In ones' complement arithmetic, which the checksum uses, 0xffff is another zero.
  return 0xffff - (sum % 0xffff);
}
