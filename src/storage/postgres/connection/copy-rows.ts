import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type VantageId } from '../../../core/ids.ts';
import { outcomeCodes, type ResultBatch } from '../../../core/result/probe-result.ts';

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const columns = 'target_id, interval_millis, sent_at, rtt_micros, detail, vantage, outcome';
/** 7 columns: their count, a length before each, their bytes. */
const rowBytes = 2 + 7 * 4 + 4 + 4 + 8 + 4 + 4 + 2 + 2;
// PostgreSQL counts from 2000-01-01.
const epochOffsetMillis = 946_684_800_000;
const noValue = -1;

/** Results as the rows of a COPY in binary format, without its header and trailer. */
function encodeRows(batch: ResultBatch, vantage: VantageId, start: number, end: number): Buffer {
  const buffer = Buffer.allocUnsafe((end - start) * rowBytes);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  let at = 0;
  const int4 = (value: number): void => {
    view.setInt32(at, 4);
    view.setInt32(at + 4, value);
    at += 8;
  };
  const int2 = (value: number): void => {
    view.setInt32(at, 2);
    view.setInt16(at + 4, value);
    at += 6;
  };
  for (let index = start; index < end; index++) {
    const outcome = batch.outcomes[index] ?? 0;
    view.setInt16(at, 7);
    at += 2;
    int4(batch.targetIds[index] ?? 0);
    int4(batch.intervalMillis[index] ?? 0);
    const micros = ((batch.sentAtMillis[index] ?? 0) - epochOffsetMillis) * 1000;
    // Two halves: a BigInt for each row would cost more than everything else.
    const high = Math.floor(micros / 4_294_967_296);
    view.setInt32(at, 8);
    view.setInt32(at + 4, high);
    view.setUint32(at + 8, micros - high * 4_294_967_296);
    at += 12;
    if (outcome === outcomeCodes.reply) {
      int4(batch.rttMicros[index] ?? 0);
    } else {
      view.setInt32(at, noValue);
      at += 4;
    }
    int4(batch.details[index] ?? 0);
    int2(vantage);
    int2(outcome);
  }
  return buffer.subarray(0, at);
}

const rowsPerChunk = 4096;

/** COPY of a batch into a table that has the columns of probe_results. */
export async function copyRows(
  client: pg.ClientBase,
  table: string,
  batch: ResultBatch,
  vantage: VantageId,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin with (format binary)`));
  // The error of a COPY may come while rows are still being written: it is awaited from the start.
  const finished = once(stream, 'finish');
  finished.catch(() => {});
  stream.write(signature);
  for (let start = 0; start < batch.length && !stream.destroyed; start += rowsPerChunk) {
    const chunk = encodeRows(batch, vantage, start, Math.min(batch.length, start + rowsPerChunk));
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), finished]);
  }
  // A binary COPY ends with a row of -1 columns.
  stream.end(Buffer.from([0xff, 0xff]));
  await finished;
}
