import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Value } from './port.ts';

// Signature, flags and the length of an empty header extension; then the number of columns.
const headerLength = 11 + 4 + 4 + 2;
const nullLength = -1;

/**
 * The one bytea that a query returns, as bytes all the way. In a normal row the driver receives hexadecimal text, which is twice
 * as long and takes longer to convert than everything else about reading it. `undefined` for null.
 */
export async function readCopied(
  client: pg.PoolClient,
  sql: string,
  values: readonly Value[],
): Promise<Uint8Array | undefined> {
  const stream = client.query(copyTo(`copy (${withLiterals(sql, values)}) to stdout (format binary)`));
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const length = bytes.readInt32BE(headerLength);
    const start = headerLength + 4;
    return length === nullLength ? undefined : bytes.subarray(start, start + length);
  } finally {
    // The driver times every query in a callback that a copy to us never calls.
    (stream as { readonly callback?: () => void }).callback?.();
  }
}

/** COPY takes no parameters, so they are in the text, as literals. */
function withLiterals(sql: string, values: readonly Value[]): string {
  return sql.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(values[Number(number) - 1] ?? null));
}

function literalOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : `{${value.map(elementOf).join(',')}}`;
  return pg.escapeLiteral(text);
}

function elementOf(value: string | number | null): string {
  return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value);
}
