import { cmsghdrSize } from './message-layout.ts';
import {
  IPV6_HOPLIMIT,
  IPV6_RECVERR,
  IP_RECVERR,
  IP_TTL,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SO_RXQ_OVFL,
  SO_TIMESTAMPING,
} from './socket-options.ts';

/** What the kernel reports along with a packet; filled in place. */
export interface ControlReading {
  /** Kernel stamp in nanoseconds since `baseSeconds`; 0 if there is none. */
  stampNanos: number;
  /** TTL or hop limit; 0 if not reported. */
  ttl: number;
  /** Packets dropped on this socket since it was opened; -1 if not reported, which means none. */
  dropped: number;
  /** `ee_origin` of an error queue entry; 0 if there is none. */
  errorOrigin: number;
  errorErrno: number;
  errorType: number;
  errorCode: number;
  /** Where in the buffer the address of the sender of the error begins (a sockaddr); -1 if not reported. */
  offender: number;
}

export function createControlReading(): ControlReading {
  return {
    stampNanos: 0,
    ttl: 0,
    dropped: -1,
    errorOrigin: 0,
    errorErrno: 0,
    errorType: 0,
    errorCode: 0,
    offender: -1,
  };
}

/** Walks `length` bytes of control messages from `start`; stops at the first that does not fit. */
export function readControl(
  view: DataView,
  start: number,
  length: number,
  baseSeconds: number,
  into: ControlReading,
): void {
  into.stampNanos = 0;
  into.ttl = 0;
  into.dropped = -1;
  into.errorOrigin = 0;
  into.offender = -1;
  const end = Math.min(start + length, view.byteLength);
  let at = start;
  while (at + cmsghdrSize <= end) {
    const size = view.getUint32(at, true);
    if (size < cmsghdrSize || at + size > end) return;
    readOne(view, at, size - cmsghdrSize, baseSeconds, into);
    at += (size + 7) & ~7;
  }
}

function readOne(view: DataView, at: number, size: number, baseSeconds: number, into: ControlReading): void {
  const level = view.getInt32(at + 8, true);
  const type = view.getInt32(at + 12, true);
  const data = at + cmsghdrSize;
  if (level === SOL_SOCKET && type === SO_TIMESTAMPING && size >= 16) {
    const seconds = view.getUint32(data, true);
    if (seconds !== 0) into.stampNanos = (seconds - baseSeconds) * 1e9 + view.getUint32(data + 8, true);
  } else if (level === SOL_SOCKET && type === SO_RXQ_OVFL && size >= 4) {
    into.dropped = view.getUint32(data, true);
  } else if (((level === SOL_IP && type === IP_TTL) || (level === SOL_IPV6 && type === IPV6_HOPLIMIT)) && size >= 4) {
    into.ttl = view.getInt32(data, true) & 0xff;
  } else if ((level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR)) {
    if (size < 16) return;
    into.errorErrno = view.getUint32(data, true);
    into.errorOrigin = view.getUint8(data + 4);
    into.errorType = view.getUint8(data + 5);
    into.errorCode = view.getUint8(data + 6);
    if (size >= 32) into.offender = data + 16;
  }
}
