import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { type ResultBatch, rowsOf } from '../../core/result/probe-result.ts';
import type { LogTable } from './log-export.ts';
import { logEntry } from '../translate.ts';

/** Readers load one group at a time; larger groups would delay the server's other answers. */
const groupRows = 50_000;

export type ParquetCodec = 'UNCOMPRESSED' | 'GZIP' | 'ZSTD';

const columns: SchemaElement[] = [
  {
    ...{ name: 'time', type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MILLIS' },
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  { name: 'target_id', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'target_ip', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED', converted_type: 'UTF8' },
  { name: 'latency_ms', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  { name: 'hops', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'packet_loss', type: 'BOOLEAN', repetition_type: 'REQUIRED' },
];
const intervalColumn: SchemaElement = { name: 'interval_seconds', type: 'DOUBLE', repetition_type: 'REQUIRED' };

function schemaOf({ hasIntervals }: LogTable): SchemaElement[] {
  const own = hasIntervals ? [...columns, intervalColumn] : columns;
  return [{ name: 'log', num_children: own.length }, ...own];
}

/** A Parquet file with the columns of the CSV, one row group at a time: memory holds one group and the footer. */
export async function* parquetOf(table: LogTable, codec: ParquetCodec): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter(256 * 1024);
  const compressors = {
    GZIP: (page: Uint8Array) => gzipSync(page),
    ZSTD: (page: Uint8Array) => zstdCompressSync(page),
  };
  const schema = schemaOf(table);
  const file = new ParquetWriter({ writer: bytes, schema, codec, compressors, createdBy: 'PingMeDaddy' });
  let group = emptyGroup();
  for await (const batch of table.batches) {
    addTo(group, batch, table.pathHops);
    if (group.times.length < groupRows) continue;
    await file.write({ columnData: columnsOf(table, group), rowGroupSize: group.times.length });
    group = emptyGroup();
    yield taken(bytes);
  }
  if (group.times.length > 0) {
    await file.write({ columnData: columnsOf(table, group), rowGroupSize: group.times.length });
  }
  await file.finish();
  yield taken(bytes);
}

interface Group {
  readonly times: bigint[];
  readonly latencies: (number | null)[];
  readonly hops: (number | null)[];
  readonly losses: boolean[];
  readonly intervals: number[];
}

function emptyGroup(): Group {
  return { times: [], latencies: [], hops: [], losses: [], intervals: [] };
}

function addTo(group: Group, batch: ResultBatch, pathHops: number | undefined): void {
  for (const row of rowsOf(batch)) {
    if (row.result.outcome === 'not-sent') continue;
    const { latency_ms, hops, packet_loss } = logEntry(row, pathHops);
    group.times.push(BigInt(row.sentAt));
    group.latencies.push(latency_ms);
    group.hops.push(hops);
    group.losses.push(packet_loss);
    group.intervals.push(row.intervalMillis / 1000);
  }
}

function columnsOf(
  { target, hasIntervals }: LogTable,
  group: Group,
): Parameters<ParquetWriter['write']>[0]['columnData'] {
  const rows = group.times.length;
  return [
    // The steps are nearly all equal, so this column compresses to almost nothing.
    { name: 'time', data: BigInt64Array.from(group.times), encoding: 'DELTA_BINARY_PACKED' },
    { name: 'target_id', data: new Int32Array(rows).fill(target.id) },
    { name: 'target_ip', data: Array.from({ length: rows }, () => target.ip) },
    { name: 'latency_ms', data: group.latencies },
    { name: 'hops', data: group.hops },
    { name: 'packet_loss', data: group.losses },
    ...(hasIntervals ? [{ name: intervalColumn.name, data: group.intervals }] : []),
  ];
}

/** The bytes written since the last call. The writer's buffer is reused while its total count continues. */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice();
  bytes.index = 0;
  return copy;
}
