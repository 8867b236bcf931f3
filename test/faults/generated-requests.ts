import fc from 'fast-check';

/** The part of JSON Schema that our OpenAPI document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

const oddTexts = [
  ...['', ' ', '\0', '\n', '%00', '%', '../../etc/passwd', "' or 1=1 --", '<script>', '💥', 'ａ', '‮', 'null', 'NaN'],
  ...[
    '1e999',
    '-0',
    '0x10',
    '007',
    'true',
    '__proto__',
    'constructor',
    'x'.repeat(5000),
    '224.0.0.1',
    '::ffff:1.2.3.4',
  ],
  ...['127.0.0.1', '127.0.0.9', '::1', 'fe80::1%eth0', '2026-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '1,2,3', 'a,b'],
];
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...oddTexts,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    -(2 ** 53),
    [],
    {},
    [[]],
    [null],
  ),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Mostly what the schema asks for, sometimes something else. */
export function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fittingValue(schema) }, { weight: 1, arbitrary: odd });
}

function fittingValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return fc.oneof(...choices.map(fittingValue));
  const [type] = [schema.type ?? 'any'].flat();
  switch (type) {
    case 'integer':
    case 'number': {
      const { minimum = -5, maximum = minimum + 1000 } = schema;
      const edges = fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1, minimum + 0.5);
      return fc.oneof(fc.integer({ min: Math.ceil(minimum), max: Math.floor(Math.max(minimum, maximum)) }), edges);
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return objectFor(schema);
    default:
      if (schema.format === 'date-time') {
        return fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
          .map((date) => date.toISOString());
      }
      return fc.oneof(fc.constantFrom<unknown>(...oddTexts), fc.string({ maxLength: 30 }));
  }
}

function objectFor({ properties = {} }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueFor(schema)]));
  const known = fc.record(fields, { requiredKeys: [] });
  const stranger = fc.record({ [oddTexts[3] ?? '']: odd, stranger: odd }, { requiredKeys: [] });
  return fc.oneof(
    { weight: 9, arbitrary: known },
    { weight: 1, arbitrary: fc.tuple(known, stranger).map(([a, b]) => ({ ...a, ...b })) },
  );
}

export interface DocumentedCall {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

export interface GeneratedRequest {
  readonly path: string;
  readonly body: string | undefined;
}

/** Requests of one call of the document, well-formed as HTTP whatever they say. */
export function requestsFor(
  path: string,
  { parameters = [], requestBody }: DocumentedCall,
): fc.Arbitrary<GeneratedRequest> {
  const within = (place: string): Record<string, fc.Arbitrary<unknown>> =>
    Object.fromEntries(
      parameters.filter((each) => each.in === place).map(({ name, schema }) => [name, valueFor(schema)]),
    );
  const body = requestBody?.content['application/json']?.schema;
  return fc
    .record({
      inPath: fc.record(within('path')),
      query: fc.record(within('query'), { requiredKeys: [] }),
      body:
        body === undefined
          ? fc.constant(undefined)
          : fc.oneof(
              valueFor(body).map((each) => JSON.stringify(each)),
              broken,
            ),
    })
    .map(({ inPath, query, body }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name]) || '1');
      const words = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`);
      return { path: words.length === 0 ? filled : `${filled}?${words.join('&')}`, body };
    });
}

/** Texts that are no JSON. */
const broken = fc.constantFrom('{', '{"a":', '[1,', 'undefined', '\0', '{"a":1}}', '"\\ud800"');

function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}
