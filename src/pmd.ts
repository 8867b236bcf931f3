#!/usr/bin/env node
// What `pmd` and `pingmedaddy` run: the program itself, by the Node.js that it needs, whichever one they were started by.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Nothing newer than Node.js 20 in this file: it has to be read by an old one to say so.
const neededMajor = 26;

if (Number(process.versions.node.split('.')[0]) >= neededMajor) await import('./main.ts');
else runByOwnNode();

/** By the one of the package `node`, which is installed beside this program. */
function runByOwnNode(): void {
  const program = fileURLToPath(new URL('main.js', import.meta.url));
  let node: string;
  try {
    node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return giveUp(`the package "node" beside it is missing`);
  }
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends these to both; who asks this process alone means the program.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => giveUp(error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function giveUp(reason: string): void {
  const message = `pmd: Node.js ${neededMajor} or newer is needed, this is ${process.versions.node}; install it, or this package again with its install scripts (${reason}).`;
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
