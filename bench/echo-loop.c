// A plain C loop with the same system calls and stamps as our engine, for bench:probe: how cheap a probe can be here.
// echo-loop <targets> <probes a second, 0 for flat out> <seconds>; probes 10.0.0.0/9, prints JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, PACKET = 24, ROOM = 256, RING = 1 << 18 };
static struct mmsghdr out[BATCH], in[BATCH];
static struct iovec outIov[BATCH], inIov[BATCH];
static struct sockaddr_in outName[BATCH], inName[BATCH];
static uint8_t outData[BATCH][PACKET], inData[BATCH][ROOM], inControl[BATCH][ROOM];
static struct { uint32_t serial, address; int64_t sent, received; } ring[RING];
static uint32_t serial;
static uint64_t replies, rttSum;
static int descriptor;

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static uint16_t checksum(const uint8_t *bytes, int length) {
  uint32_t sum = 0;
  for (int at = 0; at < length; at += 2) sum += bytes[at] << 8 | bytes[at + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  return ~((sum & 0xffff) + (sum >> 16));
}

static void receive(int flags) {
  for (;;) {
    for (int at = 0; at < BATCH; at++) {
      in[at].msg_hdr.msg_namelen = sizeof inName[at];
      in[at].msg_hdr.msg_controllen = ROOM;
    }
    int count = recvmmsg(descriptor, in, BATCH, flags | MSG_DONTWAIT, 0);
    for (int at = 0; at < count; at++) {
      struct msghdr *header = &in[at].msg_hdr;
      int64_t stamp = 0;
      for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_TIMESTAMPING) continue;
        struct timespec *time = (struct timespec *)CMSG_DATA(each);
        stamp = time->tv_sec * 1000000000LL + time->tv_nsec;
      }
      const uint8_t *message = inData[at] + in[at].msg_len - PACKET;
      uint32_t number;
      memcpy(&number, message + 12, 4);
      if (ring[number % RING].serial != number) continue;
      if (flags) {
        ring[number % RING].sent = stamp;
      } else if (message[0] == 0 && ring[number % RING].received == 0 &&
                 inName[at].sin_addr.s_addr == ring[number % RING].address) {
        ring[number % RING].received = stamp;
        replies++;
        rttSum += stamp - ring[number % RING].sent;
      }
    }
    if (count < BATCH) return;
  }
}

static void sendBatch(int count, int targets) {
  for (int at = 0; at < count; at++) {
    uint32_t number = ++serial;
    uint32_t index = number % targets;
    uint8_t *data = outData[at];
    outName[at].sin_addr.s_addr = htonl(10u << 24 | 1u << 16 | index);
    ring[number % RING].serial = number;
    ring[number % RING].address = outName[at].sin_addr.s_addr;
    ring[number % RING].received = 0;
    memset(data, 0, PACKET);
    data[0] = 8;
    data[4] = 0x50;
    data[5] = number >> 16;
    data[6] = number >> 8;
    data[7] = number;
    memcpy(data + 12, &number, 4);
    uint16_t sum = checksum(data, PACKET);
    data[2] = sum >> 8;
    data[3] = sum;
  }
  for (int from = 0; from < count;) {
    int sent = sendmmsg(descriptor, out + from, count - from, MSG_DONTWAIT);
    if (sent > 0) from += sent;
    else receive(MSG_ERRQUEUE), receive(0);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int targets = atoi(argv[1]);
  double rate = atof(argv[2]), seconds = atof(argv[3]);
  descriptor = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (descriptor < 0) return perror("socket"), 1;
  int on = 1, bytes = 8 << 20, filter = ~1;
  int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(descriptor, SOL_RAW, 1, &filter, 4);
  setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &stamps, 4);
  setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, 4);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, 4);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, 4);
  for (int at = 0; at < BATCH; at++) {
    outName[at].sin_family = AF_INET;
    outIov[at] = (struct iovec){outData[at], PACKET};
    inIov[at] = (struct iovec){inData[at], ROOM};
    out[at].msg_hdr = (struct msghdr){&outName[at], sizeof outName[at], &outIov[at], 1, 0, 0, 0};
    in[at].msg_hdr = (struct msghdr){&inName[at], sizeof inName[at], &inIov[at], 1, inControl[at], ROOM, 0};
  }
  double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), time;
  while ((time = now(CLOCK_MONOTONIC) - start) < seconds) {
    int64_t due = rate > 0 ? (int64_t)(time * rate) - serial : BATCH;
    for (int taken = 0; due > 0; due -= BATCH) {
      int count = due < BATCH ? due : BATCH;
      sendBatch(count, targets);
      taken += count;
      if (taken % (2 * BATCH) == 0) receive(MSG_ERRQUEUE), receive(0);
    }
    receive(MSG_ERRQUEUE);
    receive(0);
    if (rate > 0) nanosleep(&(struct timespec){0, 5000000}, 0);
  }
  cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  double elapsed = now(CLOCK_MONOTONIC) - start;
  usleep(200000);
  receive(MSG_ERRQUEUE);
  receive(0);
  printf("{\"probes\":%u,\"missing\":%lld,\"cpuMicrosPerProbe\":%.3f,\"coreShare\":%.4f,\"probesPerSecond\":%.0f}\n", serial,
         (long long)serial - (long long)replies, cpu * 1e6 / serial, cpu / elapsed, serial / elapsed);
}
