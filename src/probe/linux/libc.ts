import { createRequire } from 'node:module';
import type Koffi from 'koffi';

// Not a plain import: without a binary for this platform, importing koffi throws, and the system's ping is still available.
const koffiOf = (): typeof Koffi => createRequire(import.meta.url)('koffi') as typeof Koffi;

/** Addresses in this process, as Numbers: exact below 2^53, and cheaper to pass than BigInt. */
export type Pointer = number;

/** The system calls that the prober needs, as in C: -1 and `errno()` on failure. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  close(descriptor: number): number;
  connect(descriptor: number, address: Pointer, length: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Pointer, length: number): number;
  /** `length` points to the size of the buffer on entry, and to the size of its contents on return. */
  getsockopt(descriptor: number, level: number, name: number, value: Pointer, length: Pointer): number;
  getsockname(descriptor: number, address: Pointer, length: Pointer): number;
  getpeername(descriptor: number, address: Pointer, length: Pointer): number;
  getrlimit(resource: number, limit: Pointer): number;
  sendmmsg(descriptor: number, messages: Pointer, count: number, flags: number): number;
  recvmmsg(descriptor: number, messages: Pointer, count: number, flags: number, timeout: Pointer): number;
  ppoll(descriptors: Pointer, count: number, timeout: Pointer, mask: Pointer): number;
  clock_gettime(clock: number, timespec: Pointer): number;
  prctl(option: number, type: 'ulong', value: number): number;
  errno(): number;
}

const declarations = {
  socket: 'int socket(int, int, int)',
  close: 'int close(int)',
  connect: 'int connect(int, uintptr_t, uint32_t)',
  setsockopt: 'int setsockopt(int, int, int, uintptr_t, uint32_t)',
  getsockopt: 'int getsockopt(int, int, int, uintptr_t, uintptr_t)',
  getsockname: 'int getsockname(int, uintptr_t, uintptr_t)',
  getpeername: 'int getpeername(int, uintptr_t, uintptr_t)',
  getrlimit: 'int getrlimit(int, uintptr_t)',
  sendmmsg: 'int sendmmsg(int, uintptr_t, uint32_t, int)',
  recvmmsg: 'int recvmmsg(int, uintptr_t, uint32_t, int, uintptr_t)',
  ppoll: 'int ppoll(uintptr_t, ulong, uintptr_t, uintptr_t)',
  clock_gettime: 'int clock_gettime(int, uintptr_t)',
  prctl: 'int prctl(int, ...)',
};

/** Throws unless there is a Linux libc of a 64-bit little-endian machine, for which the layouts are written. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64'].includes(process.arch)) {
    throw new Error(`no socket layout for ${process.platform} on ${process.arch}`);
  }
  // The process itself, because musl has no libc.so.6.
  const koffi = koffiOf();
  const library = koffi.load(null);
  const functions: [string, unknown][] = Object.entries(declarations).map(([name, declaration]) => [
    name,
    library.func(declaration),
  ]);
  return { ...Object.fromEntries(functions), errno: () => koffi.errno() } as Libc;
}

/** Memory whose address may be passed to the kernel: it is never moved while the arena is referenced. */
export interface Arena {
  readonly address: Pointer;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

export function createArena(byteLength: number): Arena {
  const buffer = new ArrayBuffer(byteLength);
  const bytes = new Uint8Array(buffer);
  return { address: Number(koffiOf().address(bytes)), bytes, view: new DataView(buffer) };
}

export const errnos = {
  EPERM: 1,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  ENODEV: 19,
  EPROTO: 71,
  EDESTADDRREQ: 89,
  ENOPROTOOPT: 92,
  EAFNOSUPPORT: 97,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;
