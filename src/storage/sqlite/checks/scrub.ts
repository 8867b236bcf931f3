import type { StoredDamage } from '../../port.ts';
import type { Database } from '../file/database.ts';
import { checkPage, checkedTables, isStillDamaged } from './row-checks.ts';

const rowsPerSlice = 16;
/** More are not worth listing one by one: `pmd check` lists all. */
const damagesMax = 100;

/** Reads everything in storage again and again, a little at a time, and remembers what is damaged. */
export interface Scrub {
  /** One bounded slice; starts again after the last table. */
  some(isTimeUp: () => boolean): void;
  /** Damage that a reader came across. */
  note(damage: StoredDamage): void;
  /** What is still damaged. */
  damages(): readonly StoredDamage[];
}

export function createScrub(database: Database): Scrub {
  const known = new Map<string, StoredDamage>();
  let table = 0;
  let after = 0;
  const note = (damage: StoredDamage): void => {
    if (known.size < damagesMax) known.set(`${damage.table} ${damage.row}`, damage);
  };
  return {
    note,
    some(isTimeUp) {
      const name = checkedTables[table] ?? '';
      const { rows, last, damages } = checkPage(database, name, { after, limit: rowsPerSlice, isEnough: isTimeUp });
      for (const damage of damages) note(damage);
      after = last;
      if (rows > 0) return;
      after = 0;
      table = (table + 1) % checkedTables.length;
    },
    damages() {
      for (const [key, damage] of known) if (!isStillDamaged(database, damage)) known.delete(key);
      return [...known.values()];
    },
  };
}
