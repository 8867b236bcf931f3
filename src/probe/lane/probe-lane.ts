import type { LatenessWindow } from './lateness.ts';
import type { AnomalyCounts } from '../../core/result/anomalies.ts';
import type { ProbePacket } from '../../core/target/probe-packet.ts';
import type { ProbeClocks } from '../linux/clocks.ts';
import type { ProbeEntry } from './probe-table.ts';
import type { ResultColumns } from './result-columns.ts';
import type { ScheduleClock } from './schedule-clock.ts';
import type { Tally } from './shared-counters.ts';

export interface LaneTarget {
  readonly ip: string;
  /** The address at `words[from]` and following, as `AddressWords`. */
  readonly words: Uint32Array;
  readonly from: number;
  /** 0 for kinds of probes without one. */
  readonly port: number;
  readonly packet: ProbePacket;
}

/** Sends the probes of one family: takes those that are due and adds each outcome to the results. */
export interface ProbeLane {
  readonly inFlight: number;
  /** May hold the probe back until `flush`. */
  send(probe: ProbeEntry, target: LaneTarget): void;
  flush(): void;
  /** Reads replies and ends probes that have waited for the whole timeout; may postpone it unless it `isDue` now. */
  drain(isDue: boolean): void;
  close(): void;
}

/** What all lanes of a probing thread share. */
export interface LaneContext {
  readonly clocks: ProbeClocks;
  readonly schedule: ScheduleClock;
  readonly columns: ResultColumns;
  readonly tally: Tally;
  readonly lateness: LatenessWindow;
  readonly anomalies: AnomalyCounts;
  readonly timeoutMillis: number;
  /** When (by the monotonic clock) and by how much the wall clock stepped last: kernel stamps before and after do not compare. */
  readonly lastStep: { monotonicMillis: number; byMillis: number };
}
