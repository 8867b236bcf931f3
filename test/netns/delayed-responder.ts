import { createArena, loadLibc } from '../../src/probe/linux/libc.ts';
import { createControlReading, readControl } from '../../src/probe/linux/control-message.ts';
import { createKernelClocks } from '../../src/probe/linux/clocks.ts';
import { internetChecksum } from '../../src/probe/messages/icmp-packet.ts';
import { layOutVector, mmsghdr, resetReceived, vectorByteLength } from '../../src/probe/linux/message-layout.ts';
import {
  AF_INET,
  IPPROTO_ICMP,
  MSG_DONTWAIT,
  SOCK_RAW,
  SOF_TIMESTAMPING,
  SOL_SOCKET,
  SO_TIMESTAMPING,
} from '../../src/probe/linux/socket-options.ts';
import { answerInTime } from './answer-in-time.ts';

// Answers IPv4 echo requests after a fixed delay, where the kernel itself has been told not to answer. Arguments: the
// delay in milliseconds, how many copies of each answer, and `forged` to change the last byte of each.
const delayNanos = Number(process.argv[2]) * 1e6;
const copies = Number(process.argv[3] ?? 1);
const isForged = process.argv[4] === 'forged';
const libc = loadLibc();
const clocks = createKernelClocks(libc);
const descriptor = libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
if (descriptor < 0) throw new Error(`socket failed with errno ${libc.errno()}`);
const option = createArena(8);
option.view.setInt32(0, SOF_TIMESTAMPING & ~0x02, true);
libc.setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, option.address, 4);

const receivingShape = { count: 1, nameLength: 16, dataStride: 2048, controlStride: 256 };
const receivingBytes = vectorByteLength(receivingShape);
const sendingShape = { count: 1, nameLength: 16, dataStride: 2048, controlStride: 0 };
const arena = createArena(receivingBytes + vectorByteLength(sendingShape));
const receiving = layOutVector(arena, 0, receivingShape);
const sending = layOutVector(arena, receivingBytes, sendingShape);
const control = createControlReading();
const waiting: { readonly dueNanos: number; readonly name: Uint8Array; readonly message: Uint8Array }[] = [];

function receive(): void {
  while (libc.recvmmsg(descriptor, receiving.pointerTo(0), 1, MSG_DONTWAIT, 0) === 1) {
    const header = receiving.headerAt(0);
    const data = receiving.dataAt(0);
    const end = data + arena.view.getUint32(header + mmsghdr.dataLength, true);
    const controlLength = arena.view.getUint32(header + mmsghdr.controlLength, true);
    readControl(arena.view, receiving.controlAt(0), controlLength, clocks.baseSeconds, control);
    resetReceived(receiving, 0, receivingShape);
    const icmp = data + (arena.view.getUint8(data) & 15) * 4;
    if (arena.view.getUint8(icmp) !== 8) continue;
    arena.view.setUint8(icmp, 0);
    arena.view.setUint16(icmp + 2, 0);
    if (isForged) arena.view.setUint8(end - 1, arena.view.getUint8(end - 1) ^ 0xff);
    arena.view.setUint16(icmp + 2, internetChecksum(arena.view, icmp, end));
    waiting.push({
      dueNanos: control.stampNanos + delayNanos,
      name: arena.bytes.slice(receiving.nameAt(0), receiving.nameAt(0) + 16),
      message: arena.bytes.slice(icmp, end),
    });
  }
}

function answer(): void {
  const next = waiting[0];
  if (next === undefined || next.dueNanos > clocks.wallNanos) return;
  waiting.shift();
  arena.bytes.set(next.name, sending.nameAt(0));
  arena.bytes.set(next.message, sending.dataAt(0));
  // The length of the buffer is the second word of the iovec that the header points to.
  const iov = Number(arena.view.getBigUint64(sending.headerAt(0) + mmsghdr.iov, true)) - arena.address;
  arena.view.setUint32(iov + 8, next.message.length, true);
  for (let copy = 0; copy < copies; copy++) libc.sendmmsg(descriptor, sending.pointerTo(0), 1, 0);
}

answerInTime(clocks, { receive, answer, nextDueNanos: () => waiting[0]?.dueNanos ?? Number.POSITIVE_INFINITY });
