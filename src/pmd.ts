#!/usr/bin/env node
// What `pmd` and `pingmedaddy` run: the program itself, in the Node.js that it needs, whichever version started them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Only syntax of Node.js 20 or older in this file: an old version must be able to read it in order to say so.
const neededMajor = 26;
const packageFolder = new URL('../', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= neededMajor) await import('./main.ts');
else runByOwnNode();

/** With the one that is installed beside this program. */
function runByOwnNode(): void {
  const program = fileURLToPath(new URL('main.js', import.meta.url));
  const node = findNode();
  if (node === undefined) return giveUp();
  const environment = { ...process.env, PMD_PARENT: String(process.pid) };
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit', env: environment });
  // A terminal signals both; a signal to this process alone is meant for the program.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => giveUp(`${node} cannot be run: ${error.message}.`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The package `node`, or this platform's one that needs no install script, beside this package or in its folder `runtime`. */
function findNode(): string | undefined {
  for (const place of [import.meta.url, new URL('runtime/', packageFolder)]) {
    for (const name of ['node', `node-${process.platform}-${process.arch}`]) {
      try {
        const node = join(dirname(createRequire(place).resolve(`${name}/package.json`)), 'bin', 'node');
        if (existsSync(node)) return node;
      } catch {
        // Not there: try the next place.
      }
    }
  }
  return undefined;
}

function giveUp(reason = ''): void {
  const folder = fileURLToPath(new URL('runtime', packageFolder));
  const command = `npm install --prefix "${folder}" node-${process.platform}-${process.arch}@${neededMajor}`;
  const needed = `PingMeDaddy needs Node.js ${neededMajor} or newer; this is ${process.versions.node}.`;
  const advice = `Install a newer Node.js, or give PingMeDaddy one of its own:\n  ${command}`;
  process.stderr.write(`${[needed, reason, advice].filter((part) => part !== '').join(' ')}\n`);
  process.exit(1);
}
