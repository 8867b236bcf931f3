import { expect, test } from 'vitest';
import { isProbeKind, portOf, probeKindNames, probeKinds, probeSpecOf, probeWords } from './probe-kinds.ts';

test.each(probeKindNames)('%s has a spec either only with or only without a port', (kind) => {
  const { takesPort } = probeKinds[kind];
  expect(probeSpecOf(kind, takesPort ? null : 443)).toBeUndefined();
  const spec = probeSpecOf(kind, takesPort ? 443 : null);
  expect(spec).toEqual(takesPort ? { kind, port: 443 } : { kind });
  expect(spec && portOf(spec)).toBe(takesPort ? 443 : null);
});

test('the description names what differs from a plain probe', () => {
  expect(probeWords({ kind: 'icmp' })).toBe('');
  expect(probeWords({ kind: 'tcp', port: 443 })).toBe('tcp/443');
});

test('names that JavaScript objects inherit are not kinds', () => {
  expect(['icmp', 'tcp', 'toString', 'constructor', ''].map(isProbeKind)).toEqual([true, true, false, false, false]);
});
