import { addressOffsetOf } from '../../src/probe/linux/address-words.ts';
import { createKernelClocks } from '../../src/probe/linux/clocks.ts';
import { createControlReading, readControl } from '../../src/probe/linux/control-message.ts';
import { internetChecksum } from '../../src/probe/messages/icmp-packet.ts';
import { createArena, loadLibc } from '../../src/probe/linux/libc.ts';
import { layOutVector, mmsghdr, resetReceived, vectorByteLength } from '../../src/probe/linux/message-layout.ts';
import {
  AF_INET,
  MSG_DONTWAIT,
  SOCK_DGRAM,
  SOCK_RAW,
  SOF_TIMESTAMPING,
  SOL_SOCKET,
  SO_TIMESTAMPING,
} from '../../src/probe/linux/socket-options.ts';
import { answerInTime } from './answer-in-time.ts';

// Answers IPv4 SYNs with a SYN-ACK after a fixed delay, where nft keeps them from the kernel itself. Arguments: the delay
// in milliseconds, and how many SYNs of each connection are taken for lost before one is answered.
const AF_PACKET = 17;
const IPPROTO_RAW = 255;
const etherTypeIpv4 = 0x0008;
const delayNanos = Number(process.argv[2]) * 1e6;
const lostSyns = Number(process.argv[3] ?? 0);
const libc = loadLibc();
const clocks = createKernelClocks(libc);
const receiver = libc.socket(AF_PACKET, SOCK_DGRAM, etherTypeIpv4);
const sender = libc.socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
if (receiver < 0 || sender < 0) throw new Error(`socket failed with errno ${libc.errno()}`);
const option = createArena(8);
option.view.setInt32(0, SOF_TIMESTAMPING & ~0x02, true);
libc.setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMPING, option.address, 4);

const shape = { count: 1, nameLength: 20, dataStride: 2048, controlStride: 256 };
const sendingShape = { count: 1, nameLength: 16, dataStride: 56, controlStride: 0 };
const receivingBytes = vectorByteLength(shape);
const arena = createArena(receivingBytes + vectorByteLength(sendingShape));
const receiving = layOutVector(arena, 0, shape);
const sending = layOutVector(arena, receivingBytes, sendingShape);
const control = createControlReading();
const waiting: { readonly dueNanos: number; readonly answer: Uint8Array }[] = [];
const synsOf = new Map<string, number>();

/** The kernel's timestamp of the SYN, which the answer echoes; `undefined` when it has none. */
function timestampIn(view: DataView, start: number, end: number): number | undefined {
  for (let at = start; at + 1 < end;) {
    const kind = view.getUint8(at);
    if (kind === 0) return undefined;
    if (kind === 8) return view.getUint32(at + 2);
    at += kind === 1 ? 1 : Math.max(2, view.getUint8(at + 1));
  }
  return undefined;
}

/** IP and TCP header of a SYN-ACK with maximum segment size and timestamp. */
function answerTo(view: DataView, ip: number, tcp: number): Uint8Array {
  const bytes = new Uint8Array(20 + 36);
  const answer = new DataView(bytes.buffer);
  answer.setUint8(0, 0x45);
  answer.setUint16(2, bytes.length);
  answer.setUint8(8, 64);
  answer.setUint8(9, 6);
  answer.setUint32(12, view.getUint32(ip + 16));
  answer.setUint32(16, view.getUint32(ip + 12));
  answer.setUint16(20, view.getUint16(tcp + 2));
  answer.setUint16(22, view.getUint16(tcp));
  answer.setUint32(24, 1);
  answer.setUint32(28, (view.getUint32(tcp + 4) + 1) >>> 0);
  answer.setUint8(32, 9 << 4);
  answer.setUint8(33, 0x12);
  answer.setUint16(34, 65_535);
  answer.setUint32(40, 0x020405b4);
  const stamp = timestampIn(view, tcp + 20, tcp + (view.getUint8(tcp + 12) >> 4) * 4);
  answer.setUint32(44, stamp === undefined ? 0x01010101 : 0x0101080a);
  answer.setUint32(48, stamp === undefined ? 0x01010101 : 1);
  answer.setUint32(52, stamp ?? 0x01010101);
  // The pseudo header takes the place of the last 12 bytes of the IP header while the checksum is made.
  const ipHeader = bytes.slice(0, 20);
  answer.setUint32(8, view.getUint32(ip + 16));
  answer.setUint32(12, view.getUint32(ip + 12));
  answer.setUint32(16, (6 << 16) | 36);
  answer.setUint16(36, internetChecksum(answer, 8, bytes.length));
  bytes.set(ipHeader);
  return bytes;
}

function receive(): void {
  while (libc.recvmmsg(receiver, receiving.pointerTo(0), 1, MSG_DONTWAIT, 0) === 1) {
    const header = receiving.headerAt(0);
    const controlLength = arena.view.getUint32(header + mmsghdr.controlLength, true);
    readControl(arena.view, receiving.controlAt(0), controlLength, clocks.baseSeconds, control);
    resetReceived(receiving, 0, shape);
    const ip = receiving.dataAt(0);
    const tcp = ip + (arena.view.getUint8(ip) & 15) * 4;
    if (arena.view.getUint8(ip + 9) !== 6 || (arena.view.getUint8(tcp + 13) & 0x3f) !== 2) continue;
    const connection = `${arena.view.getUint32(ip + 12)} ${arena.view.getUint32(tcp)} ${arena.view.getUint32(tcp + 4)}`;
    const seen = (synsOf.get(connection) ?? 0) + 1;
    synsOf.set(connection, seen);
    if (seen <= lostSyns) continue;
    waiting.push({ dueNanos: control.stampNanos + delayNanos, answer: answerTo(arena.view, ip, tcp) });
  }
}

function answer(): void {
  const next = waiting[0];
  if (next === undefined || next.dueNanos > clocks.wallNanos) return;
  waiting.shift();
  arena.view.setUint16(sending.nameAt(0), AF_INET, true);
  arena.bytes.set(next.answer.subarray(16, 20), sending.nameAt(0) + addressOffsetOf(4));
  arena.bytes.set(next.answer, sending.dataAt(0));
  libc.sendmmsg(sender, sending.pointerTo(0), 1, 0);
}

answerInTime(clocks, { receive, answer, nextDueNanos: () => waiting[0]?.dueNanos ?? Number.POSITIVE_INFINITY });
