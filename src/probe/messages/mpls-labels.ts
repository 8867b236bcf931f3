import type { MplsLabel } from '../../core/path/path.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { internetChecksum } from './icmp-packet.ts';

/** The quoted packet is padded to this length if extensions follow it (RFC 4884), and was before there was a length field. */
const quotedByteLength = 128;
const extensionVersion = 2;
const mplsStack = { class: 1, type: 1 } as const;

/** Where the quoted packet begins, for all readers, and its declared length in bytes: 0 if not declared. */
export interface Quote {
  readonly start: number;
  readonly byteLength: number;
}

/** The quote of an error whose quoted packet begins at `start`, right after its ICMP header of 8 bytes. */
export function quoteAt(view: DataView, start: number, family: AddressFamily): Quote {
  // In words of 32 bits (ICMPv4) or of 64 bits (ICMPv6).
  const byteLength = family === 4 ? view.getUint8(start - 3) * 4 : view.getUint8(start - 4) * 8;
  return { start, byteLength };
}

/**
 * The MPLS label stack that an error message carries after the packet it quotes (RFC 4950); empty if there is none or it is
 * malformed. Reads nothing from `end` on.
 */
export function readMplsLabels(view: DataView, quote: Quote, end: number): readonly MplsLabel[] {
  const limit = Math.min(end, view.byteLength);
  const start = quote.start + Math.max(quotedByteLength, quote.byteLength);
  if (start + 4 > limit || view.getUint8(start) >> 4 !== extensionVersion) return [];
  // A checksum of zero means that there is none.
  if (view.getUint16(start + 2) !== 0 && internetChecksum(view, start, limit) !== 0) return [];
  for (let at = start + 4; at + 4 <= limit;) {
    const objectEnd = at + view.getUint16(at);
    if (objectEnd < at + 4 || objectEnd > limit) return [];
    const isStack = view.getUint8(at + 2) === mplsStack.class && view.getUint8(at + 3) === mplsStack.type;
    if (isStack) return labelsBetween(view, at + 4, objectEnd);
    at = objectEnd;
  }
  return [];
}

function labelsBetween(view: DataView, start: number, end: number): readonly MplsLabel[] {
  const labels: MplsLabel[] = [];
  for (let at = start; at + 4 <= end; at += 4) {
    const entry = view.getUint32(at);
    const [label, trafficClass] = [entry >>> 12, (entry >>> 9) & 7];
    labels.push({ label, trafficClass, isBottom: (entry & 0x100) !== 0, ttl: entry & 0xff });
  }
  return labels;
}
