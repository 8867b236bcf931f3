import { getRandomValues } from 'node:crypto';
import { createKernelClocks } from '../../src/probe/linux/clocks.ts';
import { loadLibc } from '../../src/probe/linux/libc.ts';
import type { Answer } from './oracle.ts';
import { actOf, indexOf, replyTo } from './oracle.ts';
import type { Request } from './packets.ts';
import { requestIn } from './packets.ts';
import { openRawIp } from './raw-ip.ts';

// Plays the acts of the oracle, with the kernel told not to answer. With a number as its argument: sends as many replies to each
// probe, spoofed by an attacker who knows everything but the key.
const spoofedReplies = Number(process.argv[2] ?? 0);
const wires = { 4: openRawIp(4), 6: openRawIp(6) };
const clocks = createKernelClocks(loadLibc());
const seen = new Map<string, number>();
const genuineTokens: Uint8Array[] = [];
let waiting: { readonly dueMillis: number; readonly family: 4 | 6; readonly packet: Uint8Array }[] = [];

function answersOf(request: Request): readonly Answer[] {
  const index = indexOf(request.family, request.to);
  if (index < 0) return [];
  const probe = seen.get(request.to) ?? 0;
  seen.set(request.to, probe + 1);
  return actOf(request.family, index, probe).answers(request);
}

/** A random token, one with a wrong bit, one of another probe, or the right one from the wrong address. */
function spoof(request: Request, nth: number): Uint8Array {
  const kind = nth % 4;
  if (kind === 3) return replyTo(request, { source: request.family === 4 ? '10.78.99.99' : 'fd78::9999' });
  const token = request.message.slice(16, 24);
  const bit = Math.floor(nth / 4) % 64;
  token[bit >> 3] = (token[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  if (kind === 0) getRandomValues(token);
  if (kind === 2) token.set(genuineTokens[nth % genuineTokens.length] ?? token);
  return replyTo(request, {
    rest: (rest) => {
      rest.set(token, 12);
      return rest;
    },
  });
}

function spoofAll(request: Request): void {
  for (let nth = 0; nth < spoofedReplies; nth++) wires[request.family].send(spoof(request, nth));
  genuineTokens.push(request.message.slice(16, 24));
}

process.stdout.write('ready\n');
for (;;) {
  clocks.read();
  for (const wire of Object.values(wires)) {
    for (const packet of wire.receive()) {
      const request = requestIn(packet);
      if (request === undefined) continue;
      if (spoofedReplies > 0) {
        if (indexOf(request.family, request.to) >= 0) spoofAll(request);
        continue;
      }
      for (const { afterMillis, packet } of answersOf(request)) {
        waiting.push({ dueMillis: clocks.monotonicMillis + afterMillis, family: request.family, packet });
      }
    }
  }
  const now = clocks.monotonicMillis;
  for (const { dueMillis, family, packet } of waiting) if (dueMillis <= now) wires[family].send(packet);
  waiting = waiting.filter(({ dueMillis }) => dueMillis > now);
  clocks.sleep(1);
}
