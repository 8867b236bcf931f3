import { appendFileSync } from 'node:fs';
import { createKernelClocks } from '../../src/probe/linux/clocks.ts';
import { loadLibc } from '../../src/probe/linux/libc.ts';
import { requestIn } from './packets.ts';
import { openRawIp } from './raw-ip.ts';

// Notes the packet of every echo request that arrives, as hexadecimal lines in the file that its argument names.
const [file = ''] = process.argv.slice(2);
const wires = [openRawIp(4), openRawIp(6)];
const clocks = createKernelClocks(loadLibc());

process.stdout.write('ready\n');
for (;;) {
  for (const wire of wires) {
    for (const packet of wire.receive()) {
      if (requestIn(packet) !== undefined) appendFileSync(file, `${Buffer.from(packet).toString('hex')}\n`);
    }
  }
  clocks.sleep(1);
}
