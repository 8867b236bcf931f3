import type { AddressFamily } from '../../core/target/address-family.ts';

// Classic BPF opcodes (linux/bpf_common.h).
const LD_BYTE_INDEXED = 0x50;
const LD_HALF_INDEXED = 0x48;
const LD_IMMEDIATE_TO_INDEX = 0x01;
const LDX_IP_HEADER_LENGTH = 0xb1;
const AND = 0x54;
const SHIFT_LEFT = 0x64;
const ADD_INDEX = 0x0c;
const TO_INDEX = 0x07;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const accept: Instruction = [RETURN, 0, 0, 0xffffffff];
const refuse: Instruction = [RETURN, 0, 0, 0];

/** Accepts nothing: attached while a socket is being set up. */
export const refuseAll: readonly Instruction[] = [refuse];

/**
 * Accepts echo replies, and errors that quote an echo request, whose identifier is in the aligned block of `identifierCount` (a
 * power of two) from `identifierBase`. IPv4 raw sockets see the IP header, IPv6 ones do not.
 */
export function identifierFilter(
  family: AddressFamily,
  identifierBase: number,
  identifierCount: number,
): readonly Instruction[] {
  const mask = 0xffff & ~(identifierCount - 1);
  const start: readonly Instruction[] =
    family === 4 ? [[LDX_IP_HEADER_LENGTH, 0, 0, 0]] : [[LD_IMMEDIATE_TO_INDEX, 0, 0, 0]];
  const replyType = family === 4 ? 0 : 129;
  const requestType = family === 4 ? 8 : 128;
  const toQuoted: readonly Instruction[] =
    family === 4
      ? [
          [LD_BYTE_INDEXED, 0, 0, 8],
          [AND, 0, 0, 0x0f],
          [SHIFT_LEFT, 0, 0, 2],
          [ADD_INDEX, 0, 0, 0],
          [TO_INDEX, 0, 0, 0],
        ]
      : [[LD_IMMEDIATE_TO_INDEX, 0, 0, 40]];
  return [
    ...start,
    [LD_BYTE_INDEXED, 0, 0, 0],
    [JUMP_EQUAL, 0, 4, replyType],
    [LD_HALF_INDEXED, 0, 0, 4],
    [AND, 0, 0, mask],
    [JUMP_EQUAL, 0, toQuoted.length + 7, identifierBase & mask],
    accept,
    // From here the index points eight bytes (the error's own header) before the quoted ICMP message.
    ...toQuoted,
    [LD_BYTE_INDEXED, 0, 0, 8],
    [JUMP_EQUAL, 0, 4, requestType],
    [LD_HALF_INDEXED, 0, 0, 12],
    [AND, 0, 0, mask],
    [JUMP_EQUAL, 0, 1, identifierBase & mask],
    accept,
    refuse,
  ];
}

/** An array of `struct sock_filter` (u16 code, u8 jt, u8 jf, u32 k), little-endian. */
export function encodeFilter(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, whenTrue, whenFalse, operand], index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, operand, true);
  });
  return bytes;
}
