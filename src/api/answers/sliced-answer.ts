import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows that are made, checked or written at once: some milliseconds. */
export const sliceRows = 250;

export interface SlicedList {
  /** Of the property that holds the rows. */
  readonly name: string;
  readonly rowCount: number;
  /** Each row as JSON. */
  readonly slices: AsyncIterable<readonly string[]>;
}

/** An answer whose one long list is made and written a slice at a time, so that a large fleet holds up nobody else. */
export class SlicedAnswer {
  readonly list: SlicedList;
  /** Asked for when the last slice has been made. */
  readonly rest: () => Readonly<Record<string, unknown>>;

  constructor(list: SlicedList, rest: () => Readonly<Record<string, unknown>>) {
    this.list = list;
    this.rest = rest;
  }

  /** As JSON, in parts. `serialize` checks the whole with the first slice: all rows are made by one function. */
  async *parts(serialize: (answer: Record<string, unknown>) => string): AsyncGenerator<Buffer> {
    const { name, slices } = this.list;
    let first: string | undefined;
    yield Buffer.from(`{${JSON.stringify(name)}:[`);
    for await (const slice of slices) {
      const rows = slice.join();
      yield Buffer.from(first === undefined ? rows : `,${rows}`);
      first ??= rows;
      await nextTurn();
    }
    const checked = serialize({ ...this.rest(), [name]: JSON.parse(`[${first ?? ''}]`) as unknown });
    const { [name]: _list, ...rest } = JSON.parse(checked) as Record<string, unknown>;
    const text = JSON.stringify(rest).slice(1);
    yield Buffer.from(text === '}' ? ']}' : `],${text}`);
  }
}
