import { createArena, loadLibc } from '../../src/probe/linux/libc.ts';
import { layOutVector, mmsghdr, resetReceived, vectorByteLength } from '../../src/probe/linux/message-layout.ts';
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  SO_RCVBUFFORCE,
} from '../../src/probe/linux/socket-options.ts';
import type { Family } from './packets.ts';

const AF_PACKET = 17;
const IPPROTO_RAW = 255;
/** ETH_P_IP and ETH_P_IPV6 in network byte order. */
const etherTypes = { 4: 0x0008, 6: 0xdd86 } as const;
const largest = 2048;

export interface RawIp {
  /** Every packet of the family that has reached this namespace since, with its IP header. */
  receive(): Iterable<Uint8Array>;
  /** As it is, whatever its source says; throws when the kernel refuses it. */
  send(packet: Uint8Array): void;
}

/** Sees all packets that arrive, for any destination, and sends packets from any source. */
export function openRawIp(family: Family): RawIp {
  const libc = loadLibc();
  const open = (domain: number, type: number, protocol: number): number => {
    const descriptor = libc.socket(domain, type, protocol);
    if (descriptor < 0) throw new Error(`socket failed with errno ${libc.errno()}`);
    return descriptor;
  };
  const receiver = open(AF_PACKET, SOCK_DGRAM, etherTypes[family]);
  const sender = open(family === 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
  const option = createArena(8);
  option.view.setInt32(0, 16 << 20, true);
  libc.setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, option.address, 4);
  const receivingShape = { count: 1, nameLength: 20, dataStride: largest, controlStride: 0 };
  const sendingShape = { ...receivingShape, nameLength: family === 4 ? 16 : 28 };
  const receivingBytes = vectorByteLength(receivingShape);
  const arena = createArena(receivingBytes + vectorByteLength(sendingShape));
  const receiving = layOutVector(arena, 0, receivingShape);
  const sending = layOutVector(arena, receivingBytes, sendingShape);
  // The length of the buffer is the second word of the iovec that the header points to.
  const iov = Number(arena.view.getBigUint64(sending.headerAt(0) + mmsghdr.iov, true)) - arena.address;
  const name = sending.nameAt(0);
  arena.view.setUint16(name, family === 4 ? AF_INET : AF_INET6, true);
  return {
    *receive() {
      while (libc.recvmmsg(receiver, receiving.pointerTo(0), 1, MSG_DONTWAIT, 0) === 1) {
        const length = arena.view.getUint32(receiving.headerAt(0) + mmsghdr.dataLength, true);
        resetReceived(receiving, 0, receivingShape);
        yield arena.bytes.slice(receiving.dataAt(0), receiving.dataAt(0) + length);
      }
    },
    send(packet) {
      const destination = family === 4 ? packet.subarray(16, 20) : packet.subarray(24, 40);
      arena.bytes.set(destination, name + (family === 4 ? 4 : 8));
      arena.bytes.set(packet, sending.dataAt(0));
      arena.view.setUint32(iov + 8, packet.length, true);
      if (libc.sendmmsg(sender, sending.pointerTo(0), 1, 0) !== 1) throw new Error(`sendmmsg: errno ${libc.errno()}`);
    },
  };
}
