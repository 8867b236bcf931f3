import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows to make, check or write at once: a few milliseconds of work. */
export const sliceRows = 250;

export interface SlicedList {
  /** The name of the property that holds the rows. */
  readonly name: string;
  readonly rowCount: number;
  /** Each row as JSON. */
  readonly slices: AsyncIterable<readonly string[]>;
}

/** An answer with one long list, which is made and written slice by slice so that a large fleet does not block other callers. */
export class SlicedAnswer {
  readonly list: SlicedList;
  /** Called when the last slice has been made. */
  readonly rest: () => Readonly<Record<string, unknown>>;

  constructor(list: SlicedList, rest: () => Readonly<Record<string, unknown>>) {
    this.list = list;
    this.rest = rest;
  }

  /** As JSON, in parts. `serialize` checks the first slice within the whole; one function makes all rows. */
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
