import { isTooBig } from '../../src/probe/messages/icmp-errors.ts';
import type { Family, Request } from './packets.ts';
import { icmpMessage, ipPacket } from './packets.ts';

/** What the responder sends, how long after the request. */
export interface Answer {
  readonly afterMillis: number;
  readonly packet: Uint8Array;
}

/** What the engine must conclude: the result, as `outcome:detail`, and what it counts in addition. */
export interface Verdict {
  readonly result: string;
  readonly duplicates?: number;
  readonly lateReplies?: number;
  readonly wrongReplies?: number;
  readonly icmpErrors?: number;
}

export interface Act {
  readonly name: string;
  readonly families: readonly Family[];
  readonly answers: (request: Request) => readonly Answer[];
  readonly verdict: (family: Family) => Verdict;
  /** Where the kernel lets nothing of it through to a ping socket, which knows its identifier only. */
  readonly pingSocketVerdict?: (family: Family) => Verdict;
}

/** Timeout the verdicts are made for. */
export const timeoutMillis = 800;
const lateMillis = timeoutMillis + 250;
const ttl = 57;
const both: readonly Family[] = [4, 6];
const echoReply = { 4: 0, 6: 129 } as const;
const unreachable = { 4: [3, 1], 6: [1, 3] } as const;
const exceeded = { 4: [11, 0], 6: [3, 0] } as const;
const portUnreachable = { 4: [3, 3], 6: [1, 4] } as const;
const parameterProblem = { 4: [12, 0], 6: [4, 0] } as const;
const tooBig = { 4: [3, 4], 6: [2, 0] } as const;
const redirect = { 4: [5, 1], 6: [137, 0] } as const;
/** Advice of IPv4; the types that took their places in IPv6 are errors. */
const sourceQuench = [4, 0] as const;
const router = { 4: '10.77.0.2', 6: 'fd77::2' } as const;
/** Another address of the responder's, never probed. */
const stranger = { 4: '10.78.99.99', 6: 'fd78::9999' } as const;

const reply = `0:${ttl}`;
const timeout = '1:0';
const at = (afterMillis: number, packet: Uint8Array): Answer => ({ afterMillis, packet });

interface Forgery {
  readonly source?: string;
  /** Changes the ICMP message from its fifth byte on, in place or by returning another. */
  readonly rest?: (rest: Uint8Array) => Uint8Array;
  readonly options?: readonly number[];
  readonly extensions?: { readonly first: number; readonly bytes: readonly number[] };
}

export function replyTo(request: Request, { source = request.to, rest, ...header }: Forgery = {}): Uint8Array {
  const { family, from, message } = request;
  const fields = { from: source, to: from, ttl, ...header };
  const content = rest?.(message.slice(4)) ?? message.slice(4);
  return ipPacket(family, fields, icmpMessage(family, fields, [echoReply[family], 0], content));
}

/** A router's refusal that quotes `quoted`. */
function errorTo(request: Request, kind: readonly [number, number], quoted = request.packet): Uint8Array {
  const { family, from } = request;
  const fields = { from: router[family], to: from };
  const isRedirect = kind[0] === redirect[family][0];
  // A path MTU of 1400 bytes, which all our probes fit into; the next hop of a redirect.
  const rest = kind === tooBig[family] ? Uint8Array.of(0, 0, 5, 120) : isRedirect ? nextHop[family] : nothing;
  return ipPacket(family, fields, icmpMessage(family, fields, kind, Uint8Array.from([...rest, ...quoted])));
}

/** The quoted packet with one byte of its ICMP message (or, negative, of its destination) turned over. */
function quoting({ family, packet }: Request, byte: number): Uint8Array {
  const changed = packet.slice();
  const index = (family === 4 ? 20 : 40) + byte;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

/** Turns over the lowest bit of one byte; offsets count from the identifier. */
const flipped =
  (byte: number) =>
  (rest: Uint8Array): Uint8Array => {
    rest[byte] = (rest[byte] ?? 0) ^ 1;
    return rest;
  };

const identifierLow = 1;
const identifierHigh = 0;
const sequenceLow = 3;
const markerLow = 7;
const serialHigh = 8;
const tokenFirst = 12;
const tokenLast = 19;

const nothing = Uint8Array.of(0, 0, 0, 0);
const nextHop = { 4: Uint8Array.of(10, 77, 0, 2), 6: nothing } as const;

/** A router says something of a probe that arrives and is answered all the same. */
function answeredAnyway(
  name: string,
  families: readonly Family[],
  kind: Readonly<Record<Family, readonly [number, number]>>,
  replyMillis: number,
): Act {
  return {
    name,
    families,
    answers: (r) => [at(0, errorTo(r, kind[r.family])), at(replyMillis, replyTo(r))],
    verdict: (family) => ({ result: reply, icmpErrors: isAdvice(family, kind[family]) ? 0 : 1 }),
  };
}

const isAdvice = (family: Family, [type, code]: readonly [number, number]): boolean =>
  isTooBig(family, type, code) || (family === 4 ? type === 4 || type === 5 : type > 127);

function wrong(name: string, forge: Forgery | ((family: Family) => Forgery)): Act {
  return {
    name,
    families: both,
    answers: (request) => [at(0, replyTo(request, typeof forge === 'function' ? forge(request.family) : forge))],
    verdict: () => ({ result: timeout, wrongReplies: 1 }),
  };
}

function unseen(name: string, families: readonly Family[], packets: (request: Request) => readonly Uint8Array[]): Act {
  return {
    name,
    families,
    answers: (request) => packets(request).map((packet) => at(0, packet)),
    verdict: () => ({ result: timeout }),
  };
}

const detailOf = ([type, code]: readonly [number, number]): string => `2:${type * 256 + code}`;

/** Everything that may happen to a probe. */
export const acts: readonly Act[] = [
  { name: 'answer', families: both, answers: (r) => [at(0, replyTo(r))], verdict: () => ({ result: reply }) },
  { name: 'slow answer', families: both, answers: (r) => [at(300, replyTo(r))], verdict: () => ({ result: reply }) },
  unseen('silence', both, () => []),
  {
    name: 'duplicate',
    families: both,
    answers: (r) => [at(0, replyTo(r)), at(0, replyTo(r)), at(100, replyTo(r))],
    verdict: () => ({ result: reply, duplicates: 2 }),
  },
  {
    name: 'late',
    families: both,
    answers: (r) => [at(lateMillis, replyTo(r))],
    verdict: () => ({ result: timeout, lateReplies: 1 }),
  },
  {
    name: 'reply and, too late, another',
    families: both,
    answers: (r) => [at(0, replyTo(r)), at(lateMillis, replyTo(r))],
    verdict: () => ({ result: reply, duplicates: 1 }),
  },
  // The next answer overtakes it: probes come 250 ms apart.
  { name: 'overtaken', families: both, answers: (r) => [at(400, replyTo(r))], verdict: () => ({ result: reply }) },
  {
    ...wrong("a neighbour's identifier", { rest: flipped(identifierLow) }),
    pingSocketVerdict: () => ({ result: timeout }),
  },
  unseen('a foreign identifier', both, (r) => [replyTo(r, { rest: flipped(identifierHigh) })]),
  wrong('wrong sequence', { rest: flipped(sequenceLow) }),
  wrong('wrong source', (family) => ({ source: stranger[family] })),
  wrong('another marker', { rest: flipped(markerLow) }),
  wrong('another serial', { rest: flipped(serialHigh) }),
  wrong('spoofed token', { rest: flipped(tokenFirst) }),
  wrong('token with its last bit turned over', { rest: flipped(tokenLast) }),
  wrong('cut off before the token', { rest: (rest) => rest.slice(0, 12) }),
  wrong('nothing but the header', { rest: (rest) => rest.slice(0, 4) }),
  // Padding behind the token takes nothing from it as proof.
  {
    name: 'one byte more than was sent',
    families: both,
    answers: (r) => [at(0, replyTo(r, { rest: (rest) => Uint8Array.from([...rest, 0]) }))],
    verdict: () => ({ result: reply }),
  },
  {
    ...wrong('wrong, then right', {}),
    answers: (r) => [at(0, replyTo(r, { rest: flipped(tokenLast) })), at(50, replyTo(r))],
    verdict: () => ({ result: reply, wrongReplies: 1 }),
  },
  // Raw IPv4 sockets are given packets before the kernel has looked at the checksum; all others never see them.
  {
    name: 'a damaged byte that the checksum does not cover for',
    families: both,
    answers: (r) => [at(0, damaged(replyTo(r)))],
    verdict: (family) => (family === 4 ? { result: timeout, wrongReplies: 1 } : { result: timeout }),
    pingSocketVerdict: () => ({ result: timeout }),
  },
  {
    name: 'IPv4 options',
    families: [4],
    answers: (r) => [at(0, replyTo(r, { options: [1, 1, 1, 0, 1, 1, 1, 0] }))],
    verdict: () => ({ result: reply }),
  },
  {
    name: 'an IPv6 extension header',
    families: [6],
    answers: (r) => [at(0, replyTo(r, { extensions: { first: 60, bytes: [58, 0, 1, 4, 0, 0, 0, 0] } }))],
    verdict: () => ({ result: reply }),
  },
  {
    name: 'in two fragments',
    families: [4],
    answers: (r) => fragmentsOf(replyTo(r)).map((packet) => at(0, packet)),
    verdict: () => ({ result: reply }),
  },
  {
    name: 'host unreachable',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family]))],
    verdict: (family) => ({ result: detailOf(unreachable[family]), icmpErrors: 1 }),
  },
  {
    name: 'time exceeded',
    families: both,
    answers: (r) => [at(0, errorTo(r, exceeded[r.family]))],
    verdict: (family) => ({ result: detailOf(exceeded[family]), icmpErrors: 1 }),
  },
  {
    name: 'an error that quotes eight bytes of the probe',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family], r.packet.slice(0, (r.family === 4 ? 20 : 40) + 8)))],
    verdict: (family) => ({ result: detailOf(unreachable[family]), icmpErrors: 1 }),
  },
  {
    name: 'an error, too late',
    families: both,
    answers: (r) => [at(lateMillis, errorTo(r, unreachable[r.family]))],
    verdict: () => ({ result: timeout, icmpErrors: 1 }),
  },
  {
    name: 'a reply, then an error',
    families: both,
    answers: (r) => [at(0, replyTo(r)), at(100, errorTo(r, unreachable[r.family]))],
    verdict: () => ({ result: reply, icmpErrors: 1 }),
  },
  answeredAnyway('host unreachable, then a reply at once', both, unreachable, 0),
  answeredAnyway('host unreachable, then a reply', both, unreachable, 100),
  answeredAnyway('port unreachable, then a reply', both, portUnreachable, 1),
  answeredAnyway('time exceeded, then a reply', both, exceeded, 100),
  answeredAnyway('a parameter problem, then a reply', both, parameterProblem, 100),
  answeredAnyway('packet too big, then a reply', both, tooBig, 100),
  answeredAnyway('a redirect, then a reply', both, redirect, 100),
  answeredAnyway('source quench, then a reply', [4], { 4: sourceQuench, 6: sourceQuench }, 100),
  unseen('a redirect and nothing else', both, (r) => [errorTo(r, redirect[r.family])]),
  unseen('source quench and nothing else', [4], (r) => [errorTo(r, sourceQuench)]),
  {
    name: 'an error, then a reply, then another',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family])), at(100, replyTo(r)), at(200, replyTo(r))],
    verdict: () => ({ result: reply, icmpErrors: 1, duplicates: 1 }),
  },
  {
    name: 'an error, and a reply too late',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family])), at(lateMillis, replyTo(r))],
    verdict: (family) => ({ result: detailOf(unreachable[family]), icmpErrors: 1, lateReplies: 1 }),
  },
  {
    name: 'two errors, of which the first counts',
    families: both,
    answers: (r) => [at(0, errorTo(r, exceeded[r.family])), at(100, errorTo(r, unreachable[r.family]))],
    verdict: (family) => ({ result: detailOf(exceeded[family]), icmpErrors: 2 }),
  },
  {
    name: 'a redirect, then an error',
    families: both,
    answers: (r) => [at(0, errorTo(r, redirect[r.family])), at(100, errorTo(r, unreachable[r.family]))],
    verdict: (family) => ({ result: detailOf(unreachable[family]), icmpErrors: 1 }),
  },
  {
    name: 'an error that quotes a token not ours',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family], quoting(r, 16)))],
    verdict: () => ({ result: timeout, wrongReplies: 1 }),
  },
  {
    name: 'an error that quotes another destination',
    families: both,
    answers: (r) => [at(0, errorTo(r, unreachable[r.family], quoting(r, -1)))],
    verdict: () => ({ result: timeout, wrongReplies: 1 }),
  },
  unseen('an error that cuts the quoted header short', both, (r) => [
    errorTo(r, unreachable[r.family], r.packet.slice(0, 12)),
  ]),
  unseen('our own request sent back', both, (r) => [
    ipPacket(
      r.family,
      { from: r.to, to: r.from },
      icmpMessage(r.family, { from: r.to, to: r.from }, [r.family === 4 ? 13 : 130, 0], r.message.slice(4)),
    ),
  ]),
];

function damaged(packet: Uint8Array): Uint8Array {
  const changed = packet.slice();
  // A byte of the checksum itself, so that everything else still agrees.
  const index = (changed[0] ?? 0) >> 4 === 4 ? 22 : 42;
  changed[index] = (changed[index] ?? 0) ^ 0x55;
  return changed;
}

function fragmentsOf(packet: Uint8Array): readonly Uint8Array[] {
  const [header, content] = [packet.slice(0, 20), packet.slice(20)];
  const text = (from: number): string => [...header.slice(from, from + 4)].join('.');
  const fields = { from: text(12), to: text(16), ttl };
  const id = ((content[6] ?? 0) << 8) | (content[7] ?? 0);
  const part = (offset: number, end: number, hasMore: boolean): Uint8Array =>
    ipPacket(4, { ...fields, fragment: { id, offset, hasMore } }, content.slice(offset, end));
  return [part(0, 16, true), part(16, content.length, false)];
}

/** Which act the responder plays for the nth probe (from 0) of the target at `index`. */
export function actOf(family: Family, index: number, probe: number): Act {
  const repertoire = acts.filter(({ families }) => families.includes(family));
  const act = repertoire[(index + probe) % repertoire.length];
  if (act === undefined) throw new Error('no acts');
  return act;
}

const bases = { 4: '10.78.0.', 6: 'fd78::' } as const;

export const addressOf = (family: Family, index: number): string =>
  family === 4 ? `${bases[4]}${index + 1}` : `${bases[6]}${(index + 1).toString(16)}`;

/** The inverse of `addressOf`; -1 for other addresses. */
export function indexOf(family: Family, ip: string): number {
  if (!ip.startsWith(bases[family])) return -1;
  return Number.parseInt(ip.slice(bases[family].length), family === 4 ? 10 : 16) - 1;
}
