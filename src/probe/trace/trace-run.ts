import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { LiveHop } from '../../core/path/path.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { familyOf, withoutZone } from '../../core/target/target.ts';
import { traceMark } from '../../core/path/trace-mark.ts';
import type { AddressWords } from '../linux/address-words.ts';
import { addressTextAt, addressWordsOf } from '../linux/address-words.ts';
import type { ProbeClocks } from '../linux/clocks.ts';
import type { PacketHandler } from '../icmp/icmp-socket.ts';
import { IcmpSocket } from '../icmp/icmp-socket.ts';
import type { Libc } from '../linux/libc.ts';
import { scopeOf } from '../linux/link-scope.ts';
import { readMplsLabels } from '../messages/mpls-labels.ts';
import type { TraceRequest } from '../port.ts';
import type { TokenSigner } from '../messages/probe-token.ts';
import type { SocketMethod } from '../linux/socket-setup.ts';
import { balancingSequence, traceIdentifierOf } from './trace-flow.ts';
import type { RawPath, TraceAnswer } from './trace-rounds.ts';
import { TraceRounds } from './trace-rounds.ts';

export interface TraceParts {
  readonly libc: Libc;
  readonly clocks: ProbeClocks;
  readonly signer: TokenSigner;
  readonly onAnswer: (answer: LiveHop) => void;
  /** The TTLs of probes that have just been sent together. */
  readonly onRound: (ttls: readonly number[]) => void;
}

interface SentToken {
  readonly tokenLow: number;
  readonly tokenHigh: number;
}

interface SentProbe extends SentToken {
  readonly ttl: number;
  readonly serial: number;
  sentNanos: number;
  isKernelSent: boolean;
  isAnswered: boolean;
}

function ownAddresses(): ReadonlySet<string> {
  const links = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(links.map(({ address }) => ipaddr.parse(withoutZone(address)).toString()));
}

const timeExceeded = { 4: 11, 6: 3 } as const;
const sendRetries = 3;

/** One trace on a socket of its own. Its owner calls `tick` about every millisecond until it returns a path. */
export class TraceRun {
  readonly #parts: TraceParts;
  readonly #ip: string;
  readonly #family: AddressFamily;
  readonly #words: AddressWords;
  readonly #socket: IcmpSocket;
  readonly #rounds: TraceRounds;
  readonly #identifier: number;
  #lastSerial = randomInt(0x1_0000_0000);
  /** By sequence, which is all that routers quote if they quote only eight bytes. */
  readonly #sent = new Map<number, SentProbe>();
  /** Answers in order of arrival, waiting for the stamps of the probes that they answer. */
  readonly #received: (Omit<TraceAnswer, 'ttl' | 'rttMicros'> & {
    readonly probe: SentProbe;
    readonly nanos: number;
  })[] = [];
  #sendErrno = 0;
  readonly #ownAddresses = ownAddresses();
  readonly #handler: PacketHandler = {
    onReply: (socket) => this.#onAnswer(socket),
    onError: (socket) => this.#onAnswer(socket),
    onTransmitStamp: (socket) => this.#onTransmitStamp(socket),
  };

  /** Throws a SocketError when no socket can be opened. */
  constructor(parts: TraceParts, method: SocketMethod, request: TraceRequest) {
    const { libc, clocks } = parts;
    this.#parts = parts;
    this.#ip = withoutZone(request.ip);
    this.#family = familyOf(request.ip);
    this.#words = addressWordsOf(request.ip);
    this.#identifier = traceIdentifierOf(this.#words);
    clocks.read();
    this.#rounds = new TraceRounds({ ...request, startMillis: clocks.monotonicMillis });
    this.#socket = new IcmpSocket(libc, {
      family: this.#family,
      method,
      identifierBase: this.#identifier,
      identifierCount: 1,
      batchSize: 64,
      baseSeconds: clocks.baseSeconds,
      scope: Math.max(0, scopeOf(request.ip)),
    });
  }

  /** The path when it is finished; an errno if not one probe could be sent; otherwise `undefined`. */
  tick(): RawPath | number | undefined {
    const { clocks } = this.#parts;
    clocks.read();
    this.#takeIn();
    const ttls = this.#rounds.take(clocks.monotonicMillis);
    for (const ttl of ttls) this.#send(ttl);
    if (ttls.length > 0) this.#parts.onRound(ttls);
    if (this.#sent.size === 0 && this.#sendErrno !== 0) return this.#sendErrno;
    return this.#rounds.isFinished(clocks.monotonicMillis) ? this.#rounds.path() : undefined;
  }

  close(): void {
    this.#socket.close();
  }

  #send(ttl: number): void {
    const { clocks } = this.#parts;
    const { sequence, serial, token } = this.#nextSigned();
    const request = { family: this.#family, identifier: this.#identifier, sequence, serial };
    this.#socket.setTtl(ttl);
    for (let attempt = 0; attempt <= sendRetries; attempt++) {
      this.#socket.prepare(0, this.#words, 0, { ...request, ...token });
      clocks.read();
      const sent = this.#socket.send(0, 1);
      if (sent === 1) {
        this.#sent.set(sequence, {
          ttl,
          serial,
          ...token,
          sentNanos: clocks.wallNanos,
          isKernelSent: false,
          isAnswered: false,
        });
        return;
      }
      this.#sendErrno = -sent;
      // On a ping socket this may be the error that another TTL's answer left behind: reading it clears it.
      if (this.#socket.method === 'ping-socket') this.#takeIn();
    }
  }

  /** A serial whose balancing sequence this trace has not used yet. */
  #nextSigned(): { readonly sequence: number; readonly serial: number; readonly token: SentToken } {
    const { signer } = this.#parts;
    for (;;) {
      this.#lastSerial = (this.#lastSerial + 1) | 0;
      signer.sign(this.#lastSerial);
      const token = { tokenLow: signer.low, tokenHigh: signer.high };
      const sequence = balancingSequence(this.#lastSerial, signer.low, signer.high);
      if (!this.#sent.has(sequence)) return { sequence, serial: this.#lastSerial, token };
    }
  }

  #takeIn(): void {
    this.#socket.receiveErrors(this.#handler);
    this.#socket.receivePackets(this.#handler);
    if (this.#received.length > 0) this.#socket.receiveErrors(this.#handler);
    for (const { probe, nanos, ...rest } of this.#received) {
      const rttMicros = Math.max(1, Math.round((nanos - probe.sentNanos) / 1000));
      const answer = { ttl: probe.ttl, rttMicros, ...rest };
      const { ip } = answer;
      if (this.#rounds.answer(answer) && ip !== undefined) this.#parts.onAnswer({ ...answer, ip });
    }
    this.#received.length = 0;
  }

  #onTransmitStamp(socket: IcmpSocket): void {
    const probe = this.#probeOf(socket);
    if (probe === undefined || probe.isKernelSent || socket.control.stampNanos === 0) return;
    probe.sentNanos = socket.control.stampNanos;
    probe.isKernelSent = true;
  }

  #onAnswer(socket: IcmpSocket): void {
    const { reading, control, view, addressAt, routerAt } = socket;
    const probe = this.#probeOf(socket);
    if (probe === undefined || probe.isAnswered || addressTextAt(view, addressAt, this.#family) !== this.#ip) return;
    const ip = addressTextAt(view, routerAt, this.#family);
    const isPassed = reading.kind === 'error' && reading.errorType === timeExceeded[this.#family] && ip !== this.#ip;
    probe.isAnswered = true;
    const kind = isPassed ? 'passed' : ip === this.#ip ? 'reached' : 'refused';
    const { errorType, errorCode } = reading;
    const mark = kind === 'refused' ? { mark: traceMark(this.#family, errorType, errorCode) } : {};
    // The kernel itself answers if it finds no neighbour: no hop has said anything then.
    const isOwn = kind === 'refused' && this.#ownAddresses.has(ip);
    const quote = socket.quote();
    const mplsLabels = quote === undefined ? [] : readMplsLabels(view, quote, socket.dataEnd);
    const nanos = control.stampNanos || this.#parts.clocks.wallNanos;
    this.#received.push({ probe, ip: isOwn ? undefined : ip, kind, ...mark, mplsLabels, nanos });
  }

  /** What the packet just read answers; `undefined` if it does not belong to this trace. */
  #probeOf({ reading, method }: IcmpSocket): SentProbe | undefined {
    if (method === 'raw-socket' && reading.identifier !== this.#identifier) return undefined;
    if (reading.isDamaged || (!reading.hasToken && reading.kind !== 'error')) return undefined;
    const probe = this.#sent.get(reading.sequence);
    if (probe === undefined || !reading.hasToken) return probe;
    const isToken = probe.tokenLow === reading.tokenLow && probe.tokenHigh === reading.tokenHigh;
    return isToken && probe.serial === reading.serial ? probe : undefined;
  }
}
