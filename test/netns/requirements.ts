import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What a test may need from the machine. */
export type Requirement =
  'root' | 'strace' | 'linux.uml' | 'gcc' | 'ip netns' | 'nft' | 'fping' | 'traceroute' | 'mtr' | 'ping';

const searchPath = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Absolute path of a program; `undefined` when it is not installed. */
export function programPath(name: string): string | undefined {
  return searchPath.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

function whyMissing(requirement: Requirement): string | undefined {
  if (requirement === 'root') return process.getuid?.() === 0 ? undefined : 'it needs root';
  if (requirement !== 'ip netns') return programPath(requirement) === undefined ? `no ${requirement}` : undefined;
  const ip = programPath('ip');
  if (ip === undefined) return 'no ip';
  const name = `pmdtest${process.pid}`;
  const isAllowed = spawnSync(ip, ['netns', 'add', name]).status === 0;
  if (isAllowed) spawnSync(ip, ['netns', 'del', name]);
  return isAllowed ? undefined : 'no network namespaces allowed here';
}

/** Whether `what` must be skipped, for `test.skipIf`; says so in one line, which fails the CI. */
export function isSkipped(what: string, ...requirements: readonly Requirement[]): boolean {
  const why = requirements.map(whyMissing).find((reason) => reason !== undefined);
  if (why !== undefined) process.stdout.write(`SKIPPED ${what}: ${why}\n`);
  return why !== undefined;
}
