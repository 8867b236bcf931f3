import { randomInt } from 'node:crypto';
import { identifierCount } from '../icmp/reply-matcher.ts';
import { firstPingIdentifier } from '../trace/trace-flow.ts';

const blockCount = (65_536 - firstPingIdentifier) / identifierCount;

/** Assigns blocks of ICMP identifiers: a block is reused only after thousands of others. */
export class IdentifierBlocks {
  readonly #index: number;
  readonly #count: number;
  readonly #perShard: number;
  #next: number;

  /** For thread `index` of `count`. */
  constructor({ index, count }: { readonly index: number; readonly count: number }) {
    this.#index = index;
    this.#count = count;
    this.#perShard = Math.floor(blockCount / count);
    // Random, so that two processes on one machine rarely share blocks.
    this.#next = randomInt(this.#perShard);
  }

  /** The first identifier of the next block. */
  take(): number {
    const block = this.#next * this.#count + this.#index;
    this.#next = (this.#next + 1) % this.#perShard;
    return firstPingIdentifier + block * identifierCount;
  }
}
