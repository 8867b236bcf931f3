import type { AnomalyName } from '../../core/result/anomalies.ts';
import type { LaneContext } from '../lane/probe-lane.ts';
import type { ProbeTable } from '../lane/probe-table.ts';
import { entryStates } from '../lane/probe-table.ts';
import type { ReceivedPacket, ReplyMatcher } from './reply-matcher.ts';
import { noMatch } from './reply-matcher.ts';

/** Finds the probe that a packet belongs to; packets that complete no probe are counted by kind and target. */
export class ReplyCounts {
  readonly #context: LaneContext;
  readonly #table: ProbeTable;
  readonly #matcher: ReplyMatcher;

  constructor(context: LaneContext, table: ProbeTable, matcher: ReplyMatcher) {
    this.#context = context;
    this.#table = table;
    this.#matcher = matcher;
  }

  /** The entry of the pending probe that the packet just read belongs to; otherwise negative, after counting the packet. */
  find(packet: ReceivedPacket, socketNumber: number): number {
    const { tally } = this.#context;
    const index = this.#matcher.find(packet, socketNumber);
    const isError = packet.reading.kind === 'error';
    if (index >= 0) {
      const isOpen = this.#table.states[index] === entryStates.pending;
      if (isError) this.#countError(index);
      else if (!isOpen) this.#countSurplus(index);
      return isOpen ? index : noMatch.wrong;
    }
    if (index !== noMatch.forgotten) tally.wrongReplies++;
    else tally[isError ? 'icmpErrors' : 'lateReplies']++;
    if (index === noMatch.wrongToken) {
      tally.wrongTokens++;
      this.note(this.#matcher.claimed, 'wrongTokens');
    } else if (index === noMatch.wrongSource) {
      tally.wrongSources++;
      this.note(this.#matcher.claimed, 'wrongSources');
    }
    return index;
  }

  note(index: number, name: AnomalyName): void {
    this.#context.anomalies.add(this.#table.targetIds[index] ?? 0, name);
  }

  /** An error is counted as an error whenever it comes, and as nothing else. */
  #countError(index: number): void {
    this.#context.tally.icmpErrors++;
    this.note(index, 'icmpErrors');
  }

  #countSurplus(index: number): void {
    const name = this.#table.states[index] === entryStates.expired ? 'lateReplies' : 'duplicates';
    this.#context.tally[name]++;
    this.note(index, name);
  }
}
