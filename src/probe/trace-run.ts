import { randomInt } from 'node:crypto';
import type { AddressFamily } from '../core/target.ts';
import { familyOf } from '../core/target.ts';
import type { AddressWords } from './address-words.ts';
import { addressTextAt, addressWordsOf } from './address-words.ts';
import type { ProbeClocks } from './clocks.ts';
import type { PacketHandler } from './icmp-socket.ts';
import { IcmpSocket } from './icmp-socket.ts';
import type { Libc } from './libc.ts';
import type { TraceRequest } from './probe.ts';
import type { TokenSigner } from './probe-token.ts';
import type { SocketMethod } from './socket-setup.ts';
import type { RawPath, TraceAnswer } from './trace-rounds.ts';
import { TraceRounds } from './trace-rounds.ts';

export interface TraceParts {
  readonly libc: Libc;
  readonly clocks: ProbeClocks;
  readonly signer: TokenSigner;
  readonly onAnswer: (answer: TraceAnswer) => void;
}

interface SentProbe {
  readonly ttl: number;
  readonly tokenLow: number;
  readonly tokenHigh: number;
  sentNanos: number;
  isKernelSent: boolean;
  isAnswered: boolean;
}

const timeExceeded = { 4: 11, 6: 3 } as const;
const sendRetries = 3;

/** One trace on a socket of its own. Somebody calls `tick` about every 5 ms until it returns a path. */
export class TraceRun {
  readonly #parts: TraceParts;
  readonly #ip: string;
  readonly #family: AddressFamily;
  readonly #words: AddressWords;
  readonly #socket: IcmpSocket;
  readonly #rounds: TraceRounds;
  readonly #identifier = randomInt(65_536);
  /** The upper half of every serial; the lower is the sequence, made of round and TTL. */
  readonly #serialBase = randomInt(65_536) << 16;
  readonly #sent = new Map<number, SentProbe>();
  /** Answers in the order they came, waiting for the stamps of what they answer. */
  readonly #received: (Omit<TraceAnswer, 'ttl' | 'rttMicros'> & {
    readonly probe: SentProbe;
    readonly nanos: number;
  })[] = [];
  #sendErrno = 0;
  readonly #handler: PacketHandler = {
    onReply: (socket) => this.#onAnswer(socket),
    onError: (socket) => this.#onAnswer(socket),
    onTransmitStamp: (socket) => this.#onTransmitStamp(socket),
  };

  /** Throws a SocketError when no socket can be opened. */
  constructor(parts: TraceParts, method: SocketMethod, request: TraceRequest) {
    const { libc, clocks } = parts;
    this.#parts = parts;
    this.#ip = request.ip;
    this.#family = familyOf(request.ip);
    this.#words = addressWordsOf(request.ip);
    clocks.read();
    this.#rounds = new TraceRounds({ ...request, startMillis: clocks.monotonicMillis });
    this.#socket = new IcmpSocket(libc, {
      family: this.#family,
      method,
      identifierBase: this.#identifier,
      identifierCount: 1,
      batchSize: 64,
      baseSeconds: clocks.baseSeconds,
    });
  }

  /** The path when it is finished; an errno when not one probe could be sent; else `undefined`. */
  tick(): RawPath | number | undefined {
    const { clocks } = this.#parts;
    clocks.read();
    this.#takeIn();
    const ttls = this.#rounds.take(clocks.monotonicMillis);
    for (const ttl of ttls) this.#send(ttl);
    if (this.#sent.size === 0 && this.#sendErrno !== 0) return this.#sendErrno;
    return this.#rounds.isFinished(clocks.monotonicMillis) ? this.#rounds.path() : undefined;
  }

  close(): void {
    this.#socket.close();
  }

  #send(ttl: number): void {
    const { signer, clocks } = this.#parts;
    const sequence = this.#rounds.roundsSent * 256 + ttl;
    const serial = (this.#serialBase | sequence) >>> 0;
    signer.sign(serial);
    const request = { family: this.#family, identifier: this.#identifier, sequence, serial };
    const token = { tokenLow: signer.low, tokenHigh: signer.high };
    this.#socket.setTtl(ttl);
    for (let attempt = 0; attempt <= sendRetries; attempt++) {
      this.#socket.prepare(0, this.#words, 0, { ...request, ...token });
      clocks.read();
      const sent = this.#socket.send(0, 1);
      if (sent === 1) {
        this.#sent.set(serial | 0, {
          ttl,
          ...token,
          sentNanos: clocks.wallNanos,
          isKernelSent: false,
          isAnswered: false,
        });
        return;
      }
      this.#sendErrno = -sent;
      // On a ping socket this may be the error that another TTL's answer left behind: taking it in clears it.
      if (this.#socket.method === 'ping-socket') this.#takeIn();
    }
  }

  #takeIn(): void {
    this.#socket.receiveErrors(this.#handler);
    this.#socket.receivePackets(this.#handler);
    if (this.#received.length > 0) this.#socket.receiveErrors(this.#handler);
    for (const { probe, ip, kind, nanos } of this.#received) {
      const rttMicros = Math.max(1, Math.round((nanos - probe.sentNanos) / 1000));
      const answer = { ttl: probe.ttl, ip, kind, rttMicros };
      if (this.#rounds.answer(answer)) this.#parts.onAnswer(answer);
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
    this.#received.push({ probe, ip, kind, nanos: control.stampNanos || this.#parts.clocks.wallNanos });
  }

  /** What the packet just read answers; `undefined` when it is none of this trace. */
  #probeOf({ reading, method }: IcmpSocket): SentProbe | undefined {
    if (method === 'raw-socket' && reading.identifier !== this.#identifier) return undefined;
    if (reading.isDamaged || (!reading.hasToken && reading.kind !== 'error')) return undefined;
    const serial = reading.hasToken ? reading.serial : this.#serialBase | reading.sequence;
    const probe = this.#sent.get(serial | 0);
    if (probe === undefined || (serial & 0xffff) !== reading.sequence) return undefined;
    const isToken = probe.tokenLow === reading.tokenLow && probe.tokenHigh === reading.tokenHigh;
    return isToken || !reading.hasToken ? probe : undefined;
  }
}
