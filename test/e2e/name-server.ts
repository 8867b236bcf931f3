import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const typeA = 1;
const typeAaaa = 28;
const nameUnknown = 3;
const serverFailure = 2;

interface NameServer extends AsyncDisposable {
  /** For `DNS_SERVERS`. */
  readonly address: string;
  /**
   * Addresses by name in lower case; a name that is not here does not exist. 'failure' is a failure of the server, and
   * among the addresses one that concerns IPv6 only.
   */
  readonly names: Map<string, readonly string[] | 'failure'>;
  /** How often each name has been asked for. */
  readonly asked: Map<string, number>;
}

/** A name server on loopback, for tests: real questions and answers (RFC 1035) over UDP. */
export async function startNameServer(ttlSeconds: number): Promise<NameServer> {
  const names: NameServer['names'] = new Map();
  const asked = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const { name, end } = readName(query);
    const type = query.readUInt16BE(end);
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const known = names.get(name);
    const isFailure = known === 'failure' || (type === typeAaaa && known?.includes('failure') === true);
    const code = known === undefined ? nameUnknown : isFailure ? serverFailure : 0;
    const wanted =
      known === undefined || known === 'failure'
        ? []
        : known.filter((each) => each !== 'failure' && typeOf(each) === type);
    const header = Buffer.from(query.subarray(0, 12));
    // An answer, recursion available; one question, no authority, nothing additional.
    header.writeUInt16BE(0x8580 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(wanted.length, 6);
    header.writeUInt32BE(0, 8);
    const records = wanted.map((each) => recordOf(each, ttlSeconds));
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    ...{ address: `127.0.0.1:${socket.address().port}`, names, asked },
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

const typeOf = (address: string): number => (address.includes(':') ? typeAaaa : typeA);

/** The name in question, and where it ends. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** One record for the name in question; IPv6 addresses in their full form of eight groups or as `::n`. */
function recordOf(address: string, ttlSeconds: number): Buffer {
  const bytes =
    typeOf(address) === typeA
      ? address.split('.').map(Number)
      : groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(typeOf(address), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

function groupsOf(address: string): readonly number[] {
  const [left = '', right = ''] = address.split('::');
  const numbers = (text: string): number[] =>
    text
      .split(':')
      .filter((group) => group !== '')
      .map((group) => Number.parseInt(group, 16));
  const [before, after] = [numbers(left), numbers(right)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
