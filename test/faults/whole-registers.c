/*
 * Loaded into User-mode Linux (LD_PRELOAD). Its kernel keeps 2,696 bytes of a program's floating-point registers and gives back as
 * many. A processor with AMX has more than that, and Linux refuses to set a part of them: the guest panics before its first program.
 * Here the rest is added: zeros, which the header before it (in the part that is kept) declares unused.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long (*ptrace_call)(enum __ptrace_request, pid_t, void *, void *);

static char registers[1 << 16];

static long set_whole(ptrace_call real, pid_t pid, void *set, struct iovec *part) {
  static size_t whole_size;
  struct iovec whole = {registers, sizeof registers};
  sigset_t all, before;
  /* A signal may switch to another program of the guest, which comes through here as well. */
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  if (whole_size == 0 && real(PTRACE_GETREGSET, pid, set, &whole) == 0) whole_size = whole.iov_len;
  whole.iov_len = whole_size > part->iov_len ? whole_size : part->iov_len;
  memset(registers, 0, whole.iov_len);
  memcpy(registers, part->iov_base, part->iov_len);
  long result = real(PTRACE_SETREGSET, pid, set, &whole);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return result;
}

long ptrace(enum __ptrace_request request, ...) {
  static ptrace_call real;
  va_list rest;
  va_start(rest, request);
  pid_t pid = va_arg(rest, pid_t);
  void *address = va_arg(rest, void *);
  void *data = va_arg(rest, void *);
  va_end(rest);
  if (real == NULL) real = (ptrace_call)dlsym(RTLD_NEXT, "ptrace");
  if (request == PTRACE_SETREGSET && (size_t)address == NT_X86_XSTATE) return set_whole(real, pid, address, data);
  return real(request, pid, address, data);
}
