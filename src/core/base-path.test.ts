import { expect, test } from 'vitest';
import { withoutBasePath } from './base-path.ts';

test('the base path is removed only where it is a whole part of the address, and only once', () => {
  for (const [url, expected] of [
    ['/pmd', '/'],
    ['/pmd/', '/'],
    ['/pmd?a=/pmd', '/?a=/pmd'],
    ['/pmd/targets?x=1', '/targets?x=1'],
    ['/pmd/pmd/targets', '/pmd/targets'],
    ['/pmdx/targets', '/pmdx/targets'],
    ['/targets', '/targets'],
    ['/', '/'],
    ['*', '*'],
  ] as const) {
    expect(withoutBasePath(url, '/pmd')).toBe(expected);
    expect(withoutBasePath(url, '')).toBe(url);
  }
});
