import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { test } from 'vitest';
import { startPostgres } from '../database-servers.ts';
import { type Caller, logIn, startServer, temporaryFolder } from '../e2e/server.ts';
import { type DocumentedCall, requestsFor } from './generated-requests.ts';
import { often } from './long.ts';

/*
 * Left out: what never ends, what takes long on purpose, and what would end the session that the others are called with.
 * They have tests of their own.
 */
const leftOut = new Set([
  'openStream',
  'seedHistory',
  'downloadBackup',
  'login',
  'logout',
  'changePassword',
  'traceTarget',
]);
/** Fewer on PostgreSQL, whose texts and numbers have other limits: what is the API's own is tried on SQLite. */
const engines = [
  { engine: 'SQLite', requests: often(20_000, 1_000_000) },
  { engine: 'PostgreSQL', requests: often(5000, 100_000) },
] as const;
const atOnce = 16;

interface Documented {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedCall>>>>;
}

test.each(engines)(
  'of $requests requests generated from our own OpenAPI document none is answered with 500 on $engine, and every answer matches it',
  async ({ engine, requests }) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryFolder());
    const environment: Record<string, string> = {};
    if (engine === 'PostgreSQL') environment['DATABASE_URL'] = await stack.use(await startPostgres()).newDatabase();
    const server = stack.use(await startServer(folder.path, environment));
    const call = await logIn(server.url);
    await call('POST', '/targets', { ip: '127.0.0.1', frequency: 3600 });
    const document = (await call('GET', '/openapi.json')).json as Documented;
    const check = answersOf(document);
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, documented]) =>
        leftOut.has(documented.operationId ?? '') ? [] : [{ path, method: method.toUpperCase(), documented }],
      ),
    );
    assert.ok(calls.length > 35, `${calls.length} calls`);
    const seed = Number(process.env['PMD_FAULTS_SEED'] ?? 20_261_126);
    const perCall = Math.ceil(requests / calls.length);
    const statuses = new Map<number, number>();
    const work = calls.flatMap(({ path, method, documented }, index) => {
      const samples = fc.sample(requestsFor(path, documented), { numRuns: perCall, seed: seed + index });
      return samples.map((request) => ({ ...request, method, documented }));
    });
    // One call after the other would try each on what the ones before it have left: they are mixed.
    work.sort((a, b) => rankOf(a.path) - rankOf(b.path));
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let each = work[next++]; each !== undefined; each = work[next++]) {
        const { method, path, body, documented } = each;
        const headers = body === undefined ? undefined : { 'content-type': 'application/json' };
        const answer = await call(method, path, body, headers).catch((error: unknown) => {
          throw new Error(`${method} ${path} ${body ?? ''}`, { cause: error });
        });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const told = `${method} ${path} ${body ?? ''}\n→ ${answer.status} ${answer.text.slice(0, 500)}`;
        assert.ok(answer.status < 500 || answer.status === 503, told);
        check(documented, answer, told);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    assert.equal((await call('GET', '/readyz')).json.checks.database.status, 'ok');
    assert.deepEqual(
      server.log.filter((line) => line.includes('"level":50')),
      [],
    );
    // Neither all refused nor all well: requests of both kinds have been tried.
    assert.ok(
      (statuses.get(200) ?? 0) > requests / 20 && (statuses.get(422) ?? 0) > requests / 20,
      [...statuses].join(),
    );
  },
  often(300_000, 7_200_000),
);

/** Any order that has nothing to do with the calls' own. */
function rankOf(path: string): number {
  let rank = 0;
  for (const character of path) rank = (rank * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return rank;
}

type Answer = Awaited<ReturnType<Caller>>;

/** Checks an answer against the schema that the document has for its status. */
function answersOf(document: object): (call: DocumentedCall, answer: Answer, told: string) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const compiled = new Map<object, ReturnType<typeof ajv.compile>>();
  return ({ responses }, { status, headers, json }, told) => {
    const documented = responses[String(status)];
    // A path that nothing fits or that is too long, and a body that is too large or of another kind, are no business of one call.
    if ([404, 413, 414, 415].includes(status) && documented === undefined) {
      assert.ok(json?.status === status && typeof json.detail === 'string', told);
      return;
    }
    assert.ok(documented !== undefined, `the document has no ${status}: ${told}`);
    const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
    const schema = documented.content?.[type]?.schema ?? documented.content?.['application/json']?.schema;
    if (!type.includes('json') || type.includes('ndjson') || schema === undefined) return;
    const validate = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, validate);
    assert.ok(validate(json), `${ajv.errorsText(validate.errors)}: ${told}`);
  };
}
