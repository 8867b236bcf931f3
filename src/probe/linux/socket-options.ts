/** Linux UAPI numbers, the same on x64, arm64 and riscv64 (asm-generic/socket.h, linux/in.h, in6.h, icmp.h, errqueue.h). */
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_ICMPV6 = 58;

export const MSG_DONTWAIT = 0x40;
export const MSG_TRUNC = 0x20;
export const MSG_ERRQUEUE = 0x2000;

export const SOL_IP = 0;
export const SOL_SOCKET = 1;
export const SOL_IPV6 = 41;
export const SOL_ICMPV6 = 58;
export const SOL_RAW = 255;

export const SO_ERROR = 4;
export const SO_LINGER = 13;
export const SO_RCVBUF = 8;
export const SO_SNDBUF = 7;
export const SO_ATTACH_FILTER = 26;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPING = 37;
export const SO_RXQ_OVFL = 40;

export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MTU_DISCOVER = 23;
export const IPV6_RECVERR = 25;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_DONTFRAG = 62;
export const IPV6_TCLASS = 67;
export const IPV6_AUTOFLOWLABEL = 70;
export const TCP_INFO = 11;
export const ICMP_FILTER = 1;
export const ICMPV6_FILTER = 1;

/**
 * Software stamps both ways. No OPT_TSONLY: the looped packet identifies itself by its token, whereas a counter (OPT_ID) would
 * get out of step with the probes as soon as one send fails.
 */
export const SOF_TIMESTAMPING = 0x02 | 0x08 | 0x10;

/** Values of IP_MTU_DISCOVER and IPV6_MTU_DISCOVER. */
export const PMTUDISC_DONT = 0;
export const PMTUDISC_PROBE = 3;

export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;

export const POLLOUT = 4;
export const POLLERR = 8;
export const RLIMIT_NOFILE = 7;

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const PR_SET_TIMERSLACK = 29;
