import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { gatewayIn, readGateway } from './gateway.ts';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

describe('the gateway', () => {
  test('is that of the default route with the smallest metric', () => {
    const table = `${header}eth0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth1\t00000000\tFE0200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth1\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n`;
    assert.equal(gatewayIn(table), '192.0.2.254');
  });

  test('is unknown without a default route, and where there is no such table', async () => {
    assert.equal(gatewayIn(`${header}eth1\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n`), undefined);
    assert.equal(gatewayIn(''), undefined);
    assert.equal(await readGateway('/nowhere/route'), undefined);
  });
});
