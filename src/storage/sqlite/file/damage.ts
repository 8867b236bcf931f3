import { DamagedBytesError } from '../../../core/bytes/bytes.ts';
import type { EpochMillis } from '../../../core/ids.ts';
import type { StoredDamage } from '../../port.ts';

/** Which row it is. */
export interface Place {
  readonly table: string;
  readonly id: number;
  readonly targetId?: number | undefined;
  /** The time that the row is about. */
  readonly at?: EpochMillis | undefined;
}

const nounOf: Readonly<Record<string, string>> = {
  raw_blocks: 'raw results',
  minute_rollup_blocks: '1-minute rollups',
  hour_rollup_blocks: '1-hour rollups',
  unsealed_batches: 'results of the last hours',
  import_hours: 'results kept for undoing an import',
  events: 'an event',
  traces: 'a trace',
  targets: 'the settings',
  users: 'a user',
  api_tokens: 'an API token',
};

/** A row whose bytes cannot be what was written; the message names the place. */
export class DamagedRowError extends DamagedBytesError {
  readonly damage: StoredDamage;

  constructor({ table, id, targetId, at }: Place, cause: DamagedBytesError) {
    const of = targetId === undefined ? '' : ` of target ${targetId}`;
    const from = at === undefined ? '' : ` from ${new Date(at).toISOString().replace('.000', '')}`;
    const why = cause.message.replace(/\.$/, '');
    super(`${nounOf[table] ?? table}${of}${from} (table ${table}, row ${id}): ${why}`, { cause });
    this.damage = { table, row: id, targetId, at, message: this.message };
  }
}

/** Damage found by `work` is attributed to this row. */
export function inRow<T>(place: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(place, error);
  }
}

/** The same for values that are read one after the other. */
export function* eachInRow<T>(place: Place, work: () => Iterable<T>): Generator<T> {
  try {
    yield* work();
  } catch (error) {
    throw placed(place, error);
  }
}

function placed(place: Place, error: unknown): unknown {
  const isPlaceless = error instanceof DamagedBytesError && !(error instanceof DamagedRowError);
  return isPlaceless ? new DamagedRowError(place, error) : error;
}
