import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { temporaryFolder } from '../e2e/server.ts';
import { programPath } from '../netns/requirements.ts';

const report = 'REPORT ';

/**
 * Runs a program of this folder in a Linux of its own (User-mode Linux: a kernel that is a process), whose wall clock may be set
 * and which can be suspended. It sees this machine's files, read-only, and writes to memory. Returns what it reported.
 */
export async function runInGuest(program: string, isAsleep: () => void): Promise<unknown> {
  await using folder = await temporaryFolder();
  const init = join(folder.path, 'init.sh');
  const script = [
    '#!/bin/sh',
    'mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /mnt',
    'ip link set lo up',
    `export PATH='${process.env['PATH'] ?? ''}' TMPDIR=/mnt HOME=/mnt NO_COLOR=1`,
    `cd '${process.cwd()}' && '${process.execPath}' '${resolve('test/faults', program)}' < /dev/null`,
    'poweroff -f',
  ].join('\n');
  await writeFile(init, script);
  await chmod(init, 0o755);
  const registers = join(folder.path, 'whole-registers.so');
  const options = ['-shared', '-fPIC', '-Wall', '-Werror', '-o', registers];
  await promisify(execFile)(programPath('gcc') ?? '', [...options, resolve('test/faults/whole-registers.c')]);
  const kernel = ['mem=1G', 'quiet', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `init=${init}`];
  const child = spawn(programPath('linux.uml') ?? '', [...kernel, 'con=null', 'con0=null,fd:1'], {
    env: { HOME: folder.path, TMPDIR: '/dev/shm', LD_PRELOAD: registers },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  let found: string | undefined;
  let wake: NodeJS.Timeout | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    log.push(line);
    if (line.startsWith(report)) found = line.slice(report.length);
    if (line.startsWith('ASLEEP')) {
      isAsleep();
      // What wakes a machine, such as its power button, is a signal here. One that comes before it sleeps is lost.
      wake = setInterval(() => child.kill('SIGUSR1'), sleepMillis);
    }
    if (line.startsWith('AWAKE')) clearInterval(wake);
  }
  clearInterval(wake);
  assert.ok(found !== undefined, log.join('\n'));
  return JSON.parse(found);
}

/** How long the guest is suspended. */
export const sleepMillis = 6000;
