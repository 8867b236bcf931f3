import { readFile } from 'node:fs/promises';

/** The IPv4 address of the default gateway; `undefined` if unknown or none. */
export async function readGateway(path = '/proc/net/route'): Promise<string | undefined> {
  try {
    return gatewayIn(await readFile(path, 'utf8'));
  } catch {
    // Not Linux, or no permission to read it: unknown.
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
