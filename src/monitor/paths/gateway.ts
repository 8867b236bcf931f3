import { readFile } from 'node:fs/promises';

/** The IPv4 address that the default route leads to; `undefined` where the system does not say or has none. */
export async function readGateway(path = '/proc/net/route'): Promise<string | undefined> {
  try {
    return gatewayIn(await readFile(path, 'utf8'));
  } catch {
    // No Linux, or no right to read it: then nobody knows.
    return undefined;
  }
}

/** `table` as the kernel writes it: addresses as hexadecimal numbers in the byte order of the machine. */
export function gatewayIn(table: string): string | undefined {
  const routes = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway]) => destination === '00000000' && gateway !== undefined && gateway !== '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const hex = routes[0]?.[2];
  if (hex === undefined || !/^[0-9A-F]{8}$/i.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex').reverse();
  return [...bytes].join('.');
}
