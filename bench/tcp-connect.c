// Connects to ADDRESS PORT so often as COUNT says, ten times a second, blocking, and prints how long each took by the
// monotonic clock read before and after, in microseconds: what most programs that time a connection do.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double micros(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  for (int count = atoi(argv[3]); count > 0; count--) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    const double before = micros();
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) printf("%.1f\n", micros() - before);
    close(fd);
    usleep(100000);
  }
  return 0;
}
