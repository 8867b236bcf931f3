import type { Target } from '../../../core/target/target.ts';

// A change whose answer was lost may still take effect: until then nothing is cached.
const uncertainMillis = 60_000;

/** The targets, read once for all callers until one of them changes: this server is the only writer. */
export interface TargetList {
  list(): Promise<readonly Target[]>;
  /** Every change of a target goes through here. */
  changing<T>(change: () => Promise<T>): Promise<T>;
}

export function createTargetList(read: () => Promise<readonly Target[]>): TargetList {
  let known: Promise<readonly Target[]> | undefined;
  let changesUnderWay = 0;
  let uncertainUntil = 0;
  return {
    list: () => {
      if (known !== undefined) return known;
      const reading = read();
      if (changesUnderWay > 0 || performance.now() < uncertainUntil) return reading;
      known = reading;
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
      return reading;
    },
    changing: async (change) => {
      changesUnderWay++;
      known = undefined;
      try {
        return await change();
      } catch (error) {
        uncertainUntil = performance.now() + uncertainMillis;
        throw error;
      } finally {
        changesUnderWay--;
        known = undefined;
      }
    },
  };
}
