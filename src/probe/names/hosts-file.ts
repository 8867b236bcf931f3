import { readFile } from 'node:fs/promises';

const path = process.platform === 'win32' ? String.raw`C:\Windows\System32\drivers\etc\hosts` : '/etc/hosts';

/** The addresses that the machine's hosts file gives a name, in its order; none if there is no such file. */
export async function readHostsFile(hostname: string): Promise<readonly string[]> {
  try {
    return addressesIn(await readFile(path, 'utf8'), hostname);
  } catch {
    return [];
  }
}

export function addressesIn(table: string, hostname: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const isNamed = names.some((name) => name.toLowerCase().replace(/\.$/, '') === hostname);
    return isNamed && address !== undefined ? [address] : [];
  });
}
