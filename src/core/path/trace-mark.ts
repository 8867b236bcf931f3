import type { AddressFamily } from '../target/address-family.ts';

const marks: Readonly<Record<AddressFamily, Readonly<Record<string, string>>>> = {
  4: {
    ...{ '3-0': '!N', '3-1': '!H', '3-2': '!P', '3-4': '!F', '3-5': '!S' },
    ...{ '3-9': '!X', '3-10': '!X', '3-13': '!X', '3-14': '!V', '3-15': '!C' },
  },
  6: { '1-0': '!N', '1-1': '!X', '1-2': '!S', '1-3': '!H', '1-5': '!X', '1-6': '!X', '2-0': '!F' },
};

/** What traceroute prints beside a hop whose ICMP error ends the path: `!H` for host unreachable, `!N` for network … */
export function traceMark(family: AddressFamily, icmpType: number, icmpCode: number): string {
  return marks[family][`${icmpType}-${icmpCode}`] ?? `!<${icmpType}-${icmpCode}>`;
}
