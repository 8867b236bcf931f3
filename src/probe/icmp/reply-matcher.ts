import { plainPayloadBytes } from '../../core/target/probe-packet.ts';
import { shortened } from '../messages/icmp-packet.ts';
import type { IcmpReading } from '../messages/icmp-packet.ts';
import type { IcmpSocket } from './icmp-socket.ts';
import type { ProbeTable } from '../lane/probe-table.ts';
import { serialSpan } from '../lane/probe-table.ts';
import type { TokenSigner } from '../messages/probe-token.ts';

/** Identifiers that one lane's serials are spread over; a power of two, as the packet filter requires. */
export const identifierCount = serialSpan / 65_536;

/** What a socket has just read. */
export type ReceivedPacket = Pick<IcmpSocket, 'reading' | 'view' | 'addressAt' | 'method'>;

/** What `find` returns instead of an index. */
export const noMatch = { wrong: -1, forgotten: -2, wrongToken: -3, wrongSource: -4 } as const;

/** Tells which probe a packet belongs to. A packet counts only if address, identifier, sequence and token all match. */
export class ReplyMatcher {
  readonly #table: ProbeTable;
  readonly #signer: TokenSigner;
  readonly #identifierBase: number;
  readonly #payloadBytes: number;
  /** After a wrong token or source: the entry that the packet claims to belong to. */
  claimed = -1;

  constructor(table: ProbeTable, signer: TokenSigner, identifierBase: number, payloadBytes = plainPayloadBytes) {
    this.#table = table;
    this.#signer = signer;
    this.#identifierBase = identifierBase;
    this.#payloadBytes = payloadBytes;
  }

  identifierOf(serial: number): number {
    return this.#identifierBase + ((serial >>> 16) & (identifierCount - 1));
  }

  /**
   * The table index for the packet just read, or one of `noMatch`. On ping sockets `socketNumber` stands for the identifier,
   * which the kernel has already matched. Afterwards the reading contains the probe's serial.
   */
  find(packet: ReceivedPacket, socketNumber: number): number {
    const { reading, view, addressAt, method } = packet;
    const isRaw = method === 'raw-socket';
    const isQuote = reading.kind === 'error';
    if (reading.isDamaged || (!isQuote && !this.isWhole(reading))) return noMatch.wrong;
    const serial = this.serialOf(packet, socketNumber);
    reading.serial = serial;
    if (reading.sequence !== (serial & 0xffff)) return noMatch.wrong;
    if (isRaw && reading.identifier !== this.identifierOf(serial)) return noMatch.wrong;
    const index = this.#table.find(serial);
    if (index === -1) return reading.hasToken && this.#isGenuine(reading) ? noMatch.forgotten : noMatch.wrong;
    // A quote of only eight bytes contains no token; identifier, sequence and destination must then suffice.
    this.claimed = index;
    if (!(isQuote && !reading.hasToken) && !this.isToken(index, reading)) return noMatch.wrongToken;
    return this.#table.isAddress(index, view, addressAt) ? index : noMatch.wrongSource;
  }

  /** Whether an echo contains as much of our payload as one of these probes has. */
  isWhole(reading: IcmpReading): boolean {
    return this.#isShort ? reading.payloadBytes === this.#payloadBytes : reading.hasToken;
  }

  serialOf({ reading, method }: Pick<ReceivedPacket, 'reading' | 'method'>, socketNumber: number): number {
    if (reading.hasToken) return reading.serial;
    const block = method === 'raw-socket' ? reading.identifier - this.#identifierBase : socketNumber;
    return this.#latestSerialOf(block, reading.sequence);
  }

  isToken(index: number, { tokenLow, tokenHigh }: { readonly tokenLow: number; readonly tokenHigh: number }): boolean {
    const low = this.#table.tokenLows[index] ?? 0;
    const high = this.#table.tokenHighs[index] ?? 0;
    if (!this.#isShort) return low === tokenLow && high === tokenHigh;
    return shortened(low, this.#payloadBytes) === tokenLow && shortened(high, this.#payloadBytes - 4) === tokenHigh;
  }

  get #isShort(): boolean {
    return this.#payloadBytes < plainPayloadBytes;
  }

  /** Whether a token is one of ours although the table has forgotten its probe. */
  #isGenuine(reading: { readonly serial: number; readonly tokenLow: number; readonly tokenHigh: number }): boolean {
    this.#signer.sign(reading.serial);
    return this.#signer.low === reading.tokenLow && this.#signer.high === reading.tokenHigh;
  }

  #latestSerialOf(block: number, sequence: number): number {
    const last = this.#table.nextSerial - 1;
    return (last - ((last - ((block << 16) | sequence)) & (serialSpan - 1))) | 0;
  }
}
