import type { Arena, Pointer } from './libc.ts';

/** Offsets and sizes of `struct mmsghdr`, `iovec` and `cmsghdr` on 64-bit Linux, in bytes. */
export const mmsghdr = {
  size: 64,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  dataLength: 56,
} as const;
const iovecSize = 16;
export const cmsghdrSize = 16;
export const nameStride = 32;

/** `count` messages in one arena, each with a name, one buffer and, if `controlStride` > 0, control data. */
export interface MessageVector {
  readonly arena: Arena;
  readonly count: number;
  /** Where the kernel finds message `index`. */
  readonly pointerTo: (index: number) => Pointer;
  readonly headerAt: (index: number) => number;
  readonly nameAt: (index: number) => number;
  readonly dataAt: (index: number) => number;
  readonly controlAt: (index: number) => number;
}

export interface VectorShape {
  readonly count: number;
  readonly nameLength: number;
  readonly dataStride: number;
  readonly controlStride: number;
}

export function vectorByteLength({ count, dataStride, controlStride }: VectorShape): number {
  return count * (mmsghdr.size + iovecSize + nameStride + dataStride + controlStride);
}

/** Lays out the vector from `start` (a multiple of 8) and writes every pointer; these then stay. */
export function layOutVector(arena: Arena, start: number, shape: VectorShape): MessageVector {
  const { count, dataStride, controlStride } = shape;
  const iovs = start + count * mmsghdr.size;
  const names = iovs + count * iovecSize;
  const controls = names + count * nameStride;
  const data = controls + count * controlStride;
  const { view, address } = arena;
  const vector: MessageVector = {
    arena,
    count,
    pointerTo: (index) => address + start + index * mmsghdr.size,
    headerAt: (index) => start + index * mmsghdr.size,
    nameAt: (index) => names + index * nameStride,
    dataAt: (index) => data + index * dataStride,
    controlAt: (index) => controls + index * controlStride,
  };
  for (let index = 0; index < count; index++) {
    const header = vector.headerAt(index);
    const iov = iovs + index * iovecSize;
    writePointer(view, header + mmsghdr.name, address + vector.nameAt(index));
    view.setUint32(header + mmsghdr.nameLength, shape.nameLength, true);
    writePointer(view, header + mmsghdr.iov, address + iov);
    view.setUint32(header + mmsghdr.iovLength, 1, true);
    if (controlStride > 0) writePointer(view, header + mmsghdr.control, address + vector.controlAt(index));
    view.setUint32(header + mmsghdr.controlLength, controlStride, true);
    writePointer(view, iov, address + vector.dataAt(index));
    writePointer(view, iov + 8, dataStride);
  }
  return vector;
}

/** The kernel overwrites both lengths with what it used: reset them before the next receive. */
export function resetReceived(vector: MessageVector, index: number, shape: VectorShape): void {
  const header = vector.headerAt(index);
  vector.arena.view.setUint32(header + mmsghdr.nameLength, shape.nameLength, true);
  vector.arena.view.setUint32(header + mmsghdr.controlLength, shape.controlStride, true);
}

export function writePointer(view: DataView, offset: number, pointer: Pointer): void {
  view.setUint32(offset, pointer >>> 0, true);
  view.setUint32(offset + 4, Math.floor(pointer / 4_294_967_296), true);
}
