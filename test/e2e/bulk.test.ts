import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { pmd } from './pmd.ts';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder, until } from './server.ts';

describe('many targets at once', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningServer;
  let call: Caller;
  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServer(folder.path, { PROBE_DENY: '127.0.9.0/24' });
    call = await logIn(server.url);
  });
  afterAll(async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  });

  async function stateOf(id: number): Promise<string | undefined> {
    const { json } = await call('GET', '/fleet');
    return json.targets.find((each: { id: number }) => each.id === id)?.state;
  }

  test('are previewed without being created, then added individually', async () => {
    const ips = ['127.0.0.1', '127.0.0.2', ' 127.0.0.1', '127.0.9.1', 'router', '::1'];
    const preview = await call('POST', '/targets/many', { ips, dry_run: true });
    const statusesOf = (json: any): string[] => json.results.map((each: { status: string }) => each.status);
    assert.deepEqual(statusesOf(preview.json), ['new', 'new', 'repeated', 'not-allowed', 'faulty', 'new']);
    assert.deepEqual((await call('GET', '/targets')).json, []);
    const added = await call('POST', '/targets/many', { ips, frequency: 0.5, tags: ['Lab', 'lab '] });
    assert.deepEqual(statusesOf(added.json), ['created', 'created', 'repeated', 'not-allowed', 'faulty', 'created']);
    assert.equal(added.json.created, 3);
    const { json: targets } = await call('GET', '/targets');
    assert.deepEqual(
      targets.map((each: any) => [each.ip, each.frequency, each.tags]),
      ['127.0.0.1', '127.0.0.2', '::1'].map((ip) => [ip, 0.5, ['lab']]),
    );
    assert.deepEqual(statusesOf((await call('POST', '/targets/many', { ips: ['::1'] })).json), ['exists']);
  });

  test('are paused, resumed, tagged, deleted and restored; those without changes are left out', async () => {
    const bulk = async (body: object): Promise<any> => (await call('POST', '/targets/bulk', body)).json;
    assert.deepEqual(await bulk({ action: 'pause', ids: [1, 2, 2, 99] }), {
      changed: [1, 2],
      refused: [{ id: 99, message: 'Target 99 not found.' }],
    });
    assert.deepEqual((await bulk({ action: 'pause', ids: [1] })).changed, []);
    assert.equal(await stateOf(1), 'paused');
    assert.deepEqual((await bulk({ action: 'resume', ids: [1, 2, 3] })).changed, [1, 2]);
    assert.deepEqual((await bulk({ action: 'tag', ids: [1, 3], add: ['Core'], remove: ['lab'] })).changed, [1, 3]);
    const tagsOf = async (id: number): Promise<unknown> => (await call('GET', `/targets/${id}`)).json.tags;
    assert.deepEqual([await tagsOf(1), await tagsOf(2)], [['core'], ['lab']]);
    await bulk({ action: 'pause', ids: [3] });
    assert.deepEqual((await bulk({ action: 'delete', ids: [1, 3] })).changed, [1, 3]);
    assert.equal((await call('GET', '/targets')).json.length, 1);
    assert.deepEqual((await bulk({ action: 'restore', ids: [1, 2, 3] })).changed, [1, 3]);
    assert.deepEqual([await stateOf(3), await tagsOf(1)], ['paused', ['core']], 'as they were');
    await until('the restored target is probed again', async () => (await stateOf(1)) === 'up');
    const events = (await call('GET', '/targets/1/events')).json.map((each: any) => each.event_type);
    assert.deepEqual(events, ['start', 'delete', 'update', 'start', 'stop', 'start']);
  });

  test('with faulty input are refused by field', async () => {
    const { status, json } = await call('POST', '/targets/bulk', { action: 'tag', ids: [1], add: ['a,b'] });
    assert.equal(status, 422);
    assert.deepEqual(json.errors[0].field, 'add.0');
    assert.equal((await call('POST', '/targets/bulk', { action: 'pause', ids: [] })).status, 422);
    assert.equal((await call('PATCH', '/targets/1', { tags: [''] })).status, 422);
  });

  test('are exported with their tags in CSV only on request', async () => {
    assert.match((await call('GET', '/targets/export')).text, /^ip,frequency,url,notes,is_active\n/);
    const { text } = await call('GET', '/targets/export?tags=true');
    assert.match(text, /^ip,frequency,url,notes,is_active,tags\n127\.0\.0\.1,0\.5,,,true,core\n/);
    const form = new FormData();
    form.set('file', new Blob(['ip,tags\n127.0.0.3,Lab; two words\n127.0.0.4,"a,b"\n']), 'targets.csv');
    const count = (await call('GET', '/targets')).json.length;
    const preview = await call('POST', '/targets/import?dry_run=true', form);
    assert.equal((await call('GET', '/targets')).json.length, count, 'a dry run creates nothing');
    const { json } = await call('POST', '/targets/import', form);
    assert.deepEqual(preview.json, json, 'and says what would come of it');
    assert.deepEqual([json.created, json.errors.length, json.errors[0].row], [1, 1, 3]);
    assert.match(json.errors[0].message, /^tags/);
    const { json: targets } = await call('GET', '/targets');
    assert.deepEqual(targets.at(-1).tags, ['lab', 'two words']);
  });

  test('that were deleted are listed, shown and restored; without the parameter they stay hidden', async () => {
    const added = await call('POST', '/targets/many', {
      ips: ['127.0.4.1', '127.0.4.2', '127.0.4.3'],
      tags: ['attic'],
    });
    const ids: number[] = added.json.results.map((each: { id: number }) => each.id);
    const [one = 0, two = 0, three = 0] = ids;
    assert.deepEqual(
      (await call('GET', `/targets/${one}?deleted=true`)).json,
      (await call('GET', `/targets/${one}`)).json,
    );
    await call('POST', `/targets/${one}/pause`);
    await call('POST', '/users', { username: 'otto', password: 'correct horse battery', role: 'operator' });
    const operator = await logIn(server.url, 'correct horse battery', 'otto');
    await operator('DELETE', `/targets/${one}`);
    await call('POST', '/targets/bulk', { action: 'delete', ids: [two] });
    await call('DELETE', `/targets/${three}?purge=true`);

    assert.equal((await call('GET', `/targets/${one}`)).status, 404);
    assert.ok(!(await call('GET', '/targets')).json.some((each: any) => ids.includes(each.id)));
    assert.ok(!(await call('GET', '/targets?deleted=false')).json.some((each: any) => ids.includes(each.id)));
    assert.equal((await call('GET', '/targets?deleted=perhaps')).status, 422);
    assert.equal((await call('GET', `/targets/${three}?deleted=true`)).status, 404, 'what was erased is gone');
    const listed = (await call('GET', '/targets?deleted=true')).json.filter((each: any) => ids.includes(each.id));
    assert.deepEqual(
      listed.map((each: any) => each.id),
      [two, one],
      'the latest first',
    );
    const shown = (await call('GET', `/targets/${one}?deleted=true`)).json;
    assert.deepEqual(
      [shown.ip, shown.tags, shown.is_active, shown.deleted_by, shown.reason.code],
      ['127.0.4.1', ['attic'], false, 'otto', 'deleted'],
    );
    assert.equal(shown.deleted_at, listed[1].deleted_at);
    assert.equal((await call('GET', `/targets/${two}?deleted=true`)).json.deleted_by, 'admin');
    // The data of the event is what it was.
    assert.deepEqual((await call('GET', `/targets/${one}/events?limit=1`)).json[0].data, { purged: false });

    const table = (await pmd(server, 'target', 'list', '--deleted')).stdout;
    assert.match(table, /^ *id +ip +deleted +name +tags +notes\n/);
    assert.match(table, new RegExp(`${one} +127\\.0\\.4\\.1 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +attic`));
    assert.match((await pmd(server, 'target', 'show', String(one), '--deleted')).stdout, /^deleted_by +otto$/m);
    const restored = await pmd(server, 'target', 'restore', String(one));
    assert.deepEqual([restored.code, restored.stdout], [0, 'Target restored\n']);
    assert.equal((await call('GET', `/targets/${one}`)).json.state, 'paused', 'as it was');
    assert.equal('deleted_at' in (await call('GET', `/targets/${one}?deleted=true`)).json, false);
    assert.deepEqual((await call('POST', `/targets/${one}/restore`)).json, { message: 'Target restored', id: one });
    const starts = (await call('GET', `/targets/${one}/events`)).json.filter(
      (each: any) => each.message === 'Target restored',
    );
    assert.equal(starts.length, 1, 'a second time changes nothing');
    assert.equal((await call('POST', `/targets/${three}/restore`)).status, 404);
    assert.equal((await operator('POST', `/targets/${two}/restore`)).status, 200);
    const said = await pmd(server, 'target', 'delete', String(two));
    assert.equal(said.stdout, `Target deleted; pmd target restore ${two} brings it back.\n`);
    const entries = (await call('GET', '/audit?limit=20')).json;
    assert.ok(entries.some((each: any) => each.action === 'restoreTarget' && each.username === 'otto'));
  });

  test('are suggested at first, and nothing is probed by asking', async () => {
    const before = (await call('GET', '/targets')).json.length;
    const { json } = await call('GET', '/targets/suggestions');
    const self = json.find((each: any) => each.kind === 'self');
    assert.deepEqual(self, { ip: '127.0.0.1', kind: 'self', name: null, is_tracked: true, is_allowed: true });
    assert.ok(json.some((each: any) => each.ip === '9.9.9.9' && !each.is_tracked));
    assert.equal((await call('GET', '/targets')).json.length, before);
  });

  test('take disk space that is forecast', async () => {
    const { json } = await call('GET', '/system');
    assert.equal(json.engine, 'sqlite');
    assert.ok(json.database_bytes > 0);
    assert.deepEqual(json.retention, { raw_days: 3, minute_days: 31, hour_days: 1827 });
    const fleet = (await call('GET', '/fleet')).json;
    const probed = fleet.targets.filter((each: any) => each.state !== 'paused');
    const expected = probed.reduce((sum: number, each: any) => sum + 86_400 / each.frequency, 0);
    assert.equal(json.forecast.results_per_day, expected);
    assert.deepEqual(fleet.uplink, { status: 'unknown', count: null, gateway: null, since: null });
  });
});
