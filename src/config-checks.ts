import { Resolver } from 'node:dns';
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseDatabaseUrl } from './storage/storage.ts';
import { blockNames, blocksOf } from './core/target/probe-policy.ts';
import { blockOf } from './core/target/target.ts';

// What is wrong with a setting's text, as the end of a sentence that begins with its name; `undefined` if it is valid.

export function wholeFrom(from: number, to: number): (value: string) => string | undefined {
  return (value) =>
    /^\d+$/.test(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : `must be a whole number from ${from} to ${to}.`;
}

export function numberFrom(from: number, to: number): (value: string) => string | undefined {
  return (value) =>
    /^\d+(\.\d+)?$/.test(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : `must be a number from ${from} to ${to}.`;
}

export function checkEach(check: (item: string) => string | undefined): (value: string) => string | undefined {
  return (value) =>
    splitList(value)
      .map(check)
      .find((fault) => fault !== undefined);
}

export function checkProgram(path: string): string | undefined {
  if (path === '') return undefined;
  if (!isAbsolute(path)) return 'must be an absolute path.';
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return `names ${path}, which cannot be run.`;
  }
}

export function checkNameServers(value: string): string | undefined {
  try {
    new Resolver().setServers(splitList(value));
    return undefined;
  } catch {
    return 'must be addresses with or without a port, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53.';
  }
}

export function checkCidr(block: string): string | undefined {
  return blockOf(block) === undefined
    ? `has ${JSON.stringify(block)}, which is neither an address nor a CIDR block.`
    : undefined;
}

export function checkPolicyEntry(entry: string): string | undefined {
  return blocksOf(entry) === undefined
    ? `has ${JSON.stringify(entry)}, which is neither an address, a CIDR block such as 10.0.0.0/8 nor one of ${blockNames.join(', ')}.`
    : undefined;
}

export function checkOrigin(origin: string): string | undefined {
  const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin && /^https?:/.test(origin);
  return isOrigin ? undefined : `has ${JSON.stringify(origin)}, which is not an origin such as https://noc.example.`;
}

/** Only characters that every program writes alike, so that cookies, proxies and browsers agree on where the path ends. */
export function checkBasePath(path: string): string | undefined {
  if (path === '' || path === '/') return undefined;
  if (!path.startsWith('/')) return 'must be a path that begins with /, such as /pmd, without scheme and host.';
  const parts = path.slice(1).replace(/\/$/, '').split('/');
  if (parts.includes('')) return 'must not have two slashes next to each other.';
  if (parts.some((part) => part === '.' || part === '..')) return 'must not have . or .. as a part of the path.';
  const odd = /[^\w.~/-]/.exec(path)?.[0];
  return odd === undefined
    ? undefined
    : `has ${JSON.stringify(odd)}; it may have letters, digits, -, _, ., ~ and / only.`;
}

export function checkHost(host: string): string | undefined {
  const isHost = URL.canParse(`http://${host}`) && new URL(`http://${host}`).hostname === host.toLowerCase();
  return isHost ? undefined : `has ${JSON.stringify(host)}, which is not a host name such as noc.example.`;
}

/** The error does not repeat the address, because nobody can say where its password ends. */
export function checkDatabase(value: string): string | undefined {
  const found = parseDatabaseUrl(value);
  return 'fault' in found ? found.fault : undefined;
}

export function checkDirectDatabase(value: string): string | undefined {
  if (value === '') return undefined;
  const found = parseDatabaseUrl(value);
  if ('fault' in found) return found.fault;
  return found.address.file === undefined
    ? undefined
    : 'must name a database server, such as postgresql://host/database.';
}

/** A folder that can be created is valid: its nearest existing ancestor must be writable. */
export function checkFolder(path: string): string | undefined {
  if (path === '') return undefined;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      if (!statSync(folder).isDirectory()) return `names ${path}, but ${folder} is no folder.`;
      accessSync(folder, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      return `names ${path}, which cannot be written to (${code ?? String(error)}).`;
    }
  }
}

export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
