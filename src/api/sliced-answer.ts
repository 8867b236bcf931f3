import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows that are made, checked or written at once: some milliseconds. */
export const sliceRows = 250;

/** An answer whose one long list is made and written a slice at a time, so that a large fleet holds up nobody else. */
export class SlicedAnswer {
  readonly list: string;
  readonly slices: AsyncIterable<readonly unknown[]>;
  /** Asked for when the last slice has been made. */
  readonly rest: () => Readonly<Record<string, unknown>>;

  constructor(list: string, slices: AsyncIterable<readonly unknown[]>, rest: () => Readonly<Record<string, unknown>>) {
    this.list = list;
    this.slices = slices;
    this.rest = rest;
  }

  /** As JSON. `serialize` checks the whole with the first slice of the list: all rows are made by one function. */
  async write(serialize: (answer: Record<string, unknown>) => string): Promise<Buffer> {
    let first: readonly unknown[] | undefined;
    const parts: Buffer[] = [];
    for await (const rows of this.slices) {
      first ??= rows;
      if (rows !== first) parts.push(Buffer.from(`,${JSON.stringify(rows).slice(1, -1)}`));
      await nextTurn();
    }
    const { [this.list]: _list, ...rest } = JSON.parse(
      serialize({ ...this.rest(), [this.list]: first ?? [] }),
    ) as Record<string, unknown>;
    const head = JSON.stringify(rest).slice(0, -1);
    const separator = Object.keys(rest).length === 0 ? '' : ',';
    const begin = `${head}${separator}${JSON.stringify(this.list)}:${JSON.stringify(first ?? []).slice(0, -1)}`;
    return Buffer.concat([Buffer.from(begin), ...parts, Buffer.from(']}')]);
  }
}
