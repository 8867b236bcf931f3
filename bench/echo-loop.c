// The least that a program can do: echo requests to a block of addresses in batches, a second's worth spread over 5 ms ticks,
// with kernel stamps both ways, and the replies counted. For bench:probe, which compiles it when there is a compiler.
// Arguments: first address, number of addresses, seconds. Prints: probes, replies, CPU microseconds per probe.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { batch = 256, bytes = 24, ticks = 200 };

static struct mmsghdr out[batch], in[batch];
static struct iovec outIov[batch], inIov[batch];
static struct sockaddr_in to[batch];
static unsigned char outData[batch][bytes], inData[batch][256], control[batch][256];
static long replies;

static unsigned short sum(const unsigned char *at, int length) {
  unsigned total = 0;
  for (int i = 0; i < length; i += 2) total += at[i] << 8 | at[i + 1];
  total = (total & 0xffff) + (total >> 16);
  return htons(~(total + (total >> 16)) & 0xffff);
}

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static void drain(int fd, int flags) {
  for (;;) {
    for (int i = 0; i < batch; i++) {
      in[i].msg_hdr = (struct msghdr){.msg_iov = &inIov[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = 256};
    }
    int got = recvmmsg(fd, in, batch, MSG_DONTWAIT | flags, NULL);
    if (got <= 0) return;
    if (flags == 0)
      for (int i = 0; i < got; i++) replies += inData[i][20] == 0;
    if (got < batch) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  unsigned first = ntohl(inet_addr(argv[1]));
  long count = atol(argv[2]), seconds = atol(argv[3]), probes = 0;
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), size = 8 << 20;
  if (fd < 0) return perror("socket"), 1;
  int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  unsigned filter = ~(1u << ICMP_ECHOREPLY);
  setsockopt(fd, SOL_RAW, 1, &filter, sizeof filter);
  for (int i = 0; i < batch; i++) {
    to[i].sin_family = AF_INET;
    outIov[i] = (struct iovec){outData[i], bytes};
    inIov[i] = (struct iovec){inData[i], sizeof inData[i]};
    out[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &outIov[i], .msg_iovlen = 1};
  }
  double start = now();
  for (long tick = 0; tick < seconds * ticks; tick++) {
    long from = tick % ticks * count / ticks, until = (tick % ticks + 1) * count / ticks;
    while (from < until) {
      int wanted = until - from < batch ? until - from : batch;
      for (int i = 0; i < wanted; i++) {
        unsigned char *data = outData[i];
        memset(data, 0, bytes);
        data[0] = ICMP_ECHO;
        memcpy(data + 4, &probes, 4);
        memcpy(data + 8, &tick, 8);
        unsigned short check = sum(data, bytes);
        memcpy(data + 2, &check, 2);
        to[i].sin_addr.s_addr = htonl(first + from + i);
      }
      int sent = sendmmsg(fd, out, wanted, MSG_DONTWAIT);
      if (sent <= 0) break;
      from += sent;
      probes += sent;
      drain(fd, MSG_ERRQUEUE);
      drain(fd, 0);
    }
    double wait = start + (tick + 1.0) / ticks - now();
    if (wait > 0) nanosleep(&(struct timespec){0, wait * 1e9}, NULL);
  }
  drain(fd, MSG_ERRQUEUE);
  drain(fd, 0);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  printf("{\"probes\":%ld,\"replies\":%ld,\"cpuMicrosPerProbe\":%.3f,\"seconds\":%.2f}\n", probes, replies, cpu / probes, now() - start);
  return 0;
}
