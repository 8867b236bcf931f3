import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../e2e/server.ts';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';
import { startInside } from './server-inside.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isStatesSkipped = isSkipped('states over restarts, and what this machine cannot send', 'root', 'ip netns', 'nft');

/** A server in a namespace with a link to a host, and how to ask it from within. */
async function begin(stack: AsyncDisposableStack) {
  const net = new TestNetwork();
  network = net;
  net.add('server');
  net.add('host');
  net.join('server', ['10.77.0.1/30'], 'host', ['10.77.0.2/30']);
  net.warmUp('server', '10.77.0.2');
  return Object.assign(await startInside(stack, net, 'server', { PING_TIMEOUT: '0.3' }), { net });
}

describe.skipIf(isStatesSkipped)('the truth about a state', { timeout: 90_000 }, () => {
  test('a probe that this machine cannot send is a state of its own, everywhere and across a restart, and never a loss', async () => {
    await using stack = new AsyncDisposableStack();
    const bench = await begin(stack);
    const { net, pmd, pmdText, api } = bench;
    const { id } = await pmd('target', 'add', '10.77.0.2', '--frequency', '0.1');
    // Never sent: there is no route at all.
    const { id: other } = await pmd('target', 'add', '198.51.100.9', '--frequency', '0.1');
    const stateOf = async (target: number): Promise<string> => (await api(`/targets/${target}`)).json.state;
    await until('up', async () => (await stateOf(id)) === 'up');
    await until('not sent', async () => (await stateOf(other)) === 'not-sent');

    const upSince = (await pmd('target', 'show', String(id))).state_since;
    net.ip('server', 'route add unreachable 10.77.0.2/32');
    await until('not sent', async () => (await stateOf(id)) === 'not-sent');
    const shown = await pmd('target', 'show', String(id));
    const reason = { code: 'no-route', params: { errno: 113, errno_name: 'EHOSTUNREACH' } };
    expect(shown).toMatchObject({ state: 'not-sent', reason });
    expect(Date.parse(shown.state_since)).toBeGreaterThan(Date.parse(upSince));
    expect((await pmd('target', 'show', String(other))).reason.params.errno_name).toBe('ENETUNREACH');
    const inFleet = (await pmd('watch', '--once')).targets.find((each: { id: number }) => each.id === id);
    expect(inFleet).toMatchObject({ state: 'not-sent', state_since: shown.state_since, reason });
    expect(await pmdText('target', 'show', String(id))).toMatch(
      /^reason +not sent: no route to host \(EHOSTUNREACH\)$/m,
    );
    expect(await pmdText('target', 'list')).toMatch(/10\.77\.0\.2 .*not-sent/);
    const newest = async (): Promise<{ event_type: string }> => (await pmd('target', 'events', String(id)))[0];
    await until('the event', async () => (await newest()).event_type === 'not-sent');
    expect(await newest()).toMatchObject({
      event_type: 'not-sent',
      data: { since: shown.state_since, errno: 113, reason: 'no-route' },
      message: `Not sent: no route to host (EHOSTUNREACH) since ${shown.state_since}`,
    });
    // All that is probed is not sent: then the server does not do its work.
    const ready = await api('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.json.checks.prober).toMatchObject({
      ...{ status: 'failing', not_sent_targets: 2 },
      message: expect.stringMatching(/Not sent to 2 of 2 targets: no route to host since 20/),
    });
    expect((await api('/metrics')).text).toContain('pingmedaddy_targets{state="not-sent"} 2');
    expect((await pmd('watch', '--once')).notices.join()).toMatch(/Not sent to 2 of 2 targets: no route to host/);

    await bench.restart();
    await until('still not sent', async () => (await stateOf(id)) === 'not-sent');
    expect(await pmd('target', 'show', String(id))).toMatchObject({ state_since: shown.state_since, reason });
    const types = async (): Promise<string[]> =>
      (await pmd('target', 'events', String(id))).map((each: { event_type: string }) => each.event_type);
    expect(await types()).toEqual(['not-sent', 'start']);

    net.ip('server', 'route del unreachable 10.77.0.2/32');
    await until('up again', async () => (await stateOf(id)) === 'up');
    // The event is stored with the results of its second.
    await until('the event', async () => (await types())[0] === 'sent');
    const [sent] = await pmd('target', 'events', String(id));
    expect(sent).toMatchObject({ event_type: 'sent', data: { not_sent_since: shown.state_since } });
    expect((await api('/readyz')).json.checks.prober).toMatchObject({ status: 'ok', not_sent_targets: 1 });
    const insights = await pmd('target', 'insights', String(id));
    expect(insights).toMatchObject({ loss_count: 0, uptime_percent: 100, availability_percent: 100 });
    expect(insights.not_sent_count).toBeGreaterThan(2);

    // A firewall of this machine's own is no fault of the target either.
    net.nft(
      'server',
      'table inet t {\n chain out {\n type filter hook output priority 0;\n ip daddr 10.77.0.2 drop;\n }\n}\n',
    );
    await until('blocked', async () => (await stateOf(id)) === 'not-sent');
    expect((await pmd('target', 'show', String(id))).reason.code).toBe('blocked-here');
  });

  test('anything but replies from a target is reported to Prometheus by target', async () => {
    await using stack = new AsyncDisposableStack();
    const { net, pmd, api } = await begin(stack);
    net.nft(
      'host',
      'table inet t {\n chain in {\n type filter hook input priority 0;\n icmp type echo-request reject;\n }\n}\n',
    );
    const { id } = await pmd('target', 'add', '10.77.0.2', '--frequency', '0.1');
    const errors = new RegExp(
      `^pingmedaddy_target_oddities_total\\{target="${id}",kind="icmp_error"\\} [1-9]\\d*$`,
      'm',
    );
    await until('an error', async () => errors.test((await api('/metrics')).text));
  });

  test('an outage across a restart keeps its length, and up keeps its start', async () => {
    await using stack = new AsyncDisposableStack();
    const bench = await begin(stack);
    const { net, pmd, api } = bench;
    // Less often than a probe times out: every loss is known before the next reply.
    const { id } = await pmd('target', 'add', '10.77.0.2', '--frequency', '0.4');
    const show = (): Promise<{ state: string; state_since: string; reason: unknown }> =>
      pmd('target', 'show', String(id));
    const up = await until('up', async () => ((await show()).state === 'up' ? show() : undefined));
    await bench.restart();
    await until('up', async () => (await show()).state === 'up');
    expect((await show()).state_since).toBe(up.state_since);

    net.exec('host', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
    await until('down', async () => (await show()).state === 'down');
    const down = await show();
    await bench.restart();
    await until('probing again', async () => (await api(`/targets/${id}/outages`)).json.outages[0]?.lost_probes > 8);
    expect(await show()).toMatchObject({ state: 'down', state_since: down.state_since });
    net.exec('host', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0');
    const recovery = await until('recovery', async () => {
      const [event] = (await api(`/targets/${id}/events`)).json;
      return event.event_type === 'recovery' ? event : undefined;
    });
    const logs: { time: string; packet_loss: boolean }[] = await pmd('target', 'logs', String(id), '--limit', '1000');
    const lost = logs.filter(({ packet_loss: isLost }) => isLost);
    const end = logs.find(({ time, packet_loss: isLost }) => !isLost && time > (lost.at(-1)?.time ?? ''));
    expect(lost[0]?.time).toBe(down.state_since);
    const seconds = (Date.parse(end?.time ?? '') - Date.parse(down.state_since)) / 1000;
    expect(recovery.data).toMatchObject({ down_since: down.state_since, down_seconds: seconds });
    // A loss that became known after the first reply is in the results, but no longer in the event.
    expect(recovery.data.lost_probes).toBeGreaterThanOrEqual(lost.length - 2);
    expect(recovery.data.lost_probes).toBeLessThanOrEqual(lost.length);
    const report = (await api(`/targets/${id}/outages`)).json;
    expect(report.outages).toEqual([
      {
        ...{ start: down.state_since, end: end?.time, duration_seconds: seconds },
        ...{ ended_by: 'recovery', lost_probes: recovery.data.lost_probes },
      },
    ]);
    // What was not observed, while the server was away, counts neither way.
    const insights = await pmd('target', 'insights', String(id));
    const observed = insights.sample_count;
    expect(insights.availability_percent).toBeCloseTo((100 * (observed - lost.length)) / observed, -0.5);
    expect(insights.uptime_percent).toBeCloseTo((100 * (observed - lost.length)) / observed, 6);
  });
});
