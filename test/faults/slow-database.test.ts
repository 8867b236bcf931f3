import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'vitest';
import { addTargets, loopbackAddresses, metricIn } from '../../bench/probed-fleet.ts';
import { startPostgres } from '../database-servers.ts';
import { type Caller, logIn, startServer, temporaryFolder, until } from '../e2e/server.ts';
import { isSkipped, programPath } from '../netns/requirements.ts';
import { often } from './long.ts';
import { assertWhole } from './whole.ts';

const seconds = often(10, 600);
const targets = 200;
/** Seconds: what has waited is stored together, so that a slow storage does not fall behind for ever. */
const keepsUpWithin = 45;

/** A way to a server that can be made slow, and cut. */
async function createWay(port: number) {
  const state = { delayMillis: 0, isCut: false };
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket): void => {
    let last = Promise.resolve();
    from.on('data', (bytes) => {
      // What comes later waits for what came before.
      const held = delay(state.delayMillis);
      last = Promise.all([last, held]).then(() => void (to.destroyed || to.write(bytes)));
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    sockets.add(from);
  };
  const server = createServer((client) => {
    if (state.isCut) {
      client.destroy();
      return;
    }
    const behind = connect(port, '127.0.0.1');
    forward(client, behind);
    forward(behind, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    slow: (millis: number) => void (state.delayMillis = millis),
    setCut(isCut: boolean) {
      state.isCut = isCut;
      if (isCut) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function waiting(call: Caller): Promise<number> {
  const { text } = await call('GET', '/metrics');
  return metricIn(text, 'pingmedaddy_results_pending') + metricIn(text, 'pingmedaddy_results_spooled');
}

test(
  'a PostgreSQL that answers slowly, then not at all, then again, costs no result',
  async () => {
    await using folder = await temporaryFolder();
    await using postgres = await startPostgres();
    const address = new URL(await postgres.newDatabase());
    await using way = await createWay(Number(address.port));
    const direct = address.href;
    address.port = String(way.port);
    {
      await using server = await startServer(folder.path, { DATABASE_URL: address.href });
      const call = await logIn(server.url);
      await addTargets(call, loopbackAddresses(targets));
      const sent = async (): Promise<number> =>
        metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_probes_sent_total');
      const more = async (what: string): Promise<void> => {
        const before = await sent();
        await until(what, async () => (await sent()) >= before + seconds * targets, seconds * 2000 + 15_000);
      };
      // A commit is several questions and answers: it takes longer than the second in which the next one is cut.
      way.slow(700);
      await more('probes while it is slow');
      const behind = await waiting(call);
      assert.ok(behind > targets, 'commits took longer than a second');
      assert.ok(behind < keepsUpWithin * targets, `${behind} results wait: it has fallen behind`);
      way.setCut(true);
      await more('probes while it is away');
      assert.ok((await waiting(call)) >= seconds * targets);
      way.slow(0);
      way.setCut(false);
      await until('all is made up for', async () => (await waiting(call)) < 2 * targets, 120_000);
      // Sealing is tried again every ten seconds.
      await until('all works', async () => (await call('GET', '/readyz')).json.status === 'ok', 60_000);
    }
    await assertWhole(folder.path, targets * seconds, { DATABASE_URL: direct });
  },
  (2 * seconds + 120) * 2000,
);

test.skipIf(isSkipped('a slow disk', 'strace'))(
  'a disk whose syncs take longer than the time between two commits costs no result: what waits is stored when it is fast again',
  async () => {
    await using folder = await temporaryFolder();
    const syncs = often(8, 400);
    const slow = `inject=fsync,fdatasync:delay_enter=1500000:when=40..${39 + syncs}`;
    const trace = `${folder.path}/trace`;
    {
      const strace = [programPath('strace') ?? '', '-D', '-f', '-qq', '-o', trace, '-e', 'trace=fsync,fdatasync'];
      await using server = await startServer(folder.path, {}, [...strace, '-e', slow]);
      const call = await logIn(server.url);
      await addTargets(call, loopbackAddresses(targets));
      const delayed = (): number => readFileSync(trace, 'utf8').split('(DELAYED)').length - 1;
      let mostBehind = 0;
      const isOver = async (): Promise<boolean> => {
        mostBehind = Math.max(mostBehind, await waiting(call));
        return delayed() >= syncs;
      };
      await until('all slow syncs have been', isOver, syncs * 4000 + 60_000);
      assert.ok(mostBehind < keepsUpWithin * targets, `${mostBehind} results waited: it has fallen behind`);
      await until('all but the last seconds are stored', async () => (await waiting(call)) < 5 * targets, 120_000);
      assert.equal((await call('GET', '/readyz')).json.status, 'ok');
    }
    await assertWhole(folder.path, targets * syncs);
  },
  often(180_000, 3_600_000),
);
