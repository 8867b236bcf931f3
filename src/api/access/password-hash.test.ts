import assert from 'node:assert/strict';
import { test } from 'vitest';
import { parsePasswordHash } from '../../core/password-hash.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

test('passwords are stored as argon2id with the minimum costs that OWASP recommends', async () => {
  const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(first, second);
  assert.equal(await verifyPassword(first, 'correct horse'), true);
  assert.equal(await verifyPassword(first, 'correct horsf'), false);
  assert.equal(await verifyPassword(first, ''), false);
});

// Made by @node-rs/argon2 2.2.1, which hashed passwords in versions up to 1.0.0-rc.2.
test.each([
  ['changeme', '$argon2id$v=19$m=19456,t=2,p=1$rBuhdPgsQAk8FjodrAlWjg$fGPDWfOSrSR1cdUZDycx+dck0CEuBtaBnEZ7IjQ8N5U'],
  [
    'pässwörd 密碼 🔑',
    '$argon2id$v=19$m=19456,t=2,p=1$cfyMuv7s9wor8WnO4GkLkA$SWWavgmykz4x259UBrMQY3OALIUW68vpMiUj25bpjU4',
  ],
  ['', '$argon2id$v=19$m=19456,t=2,p=1$wrP8JPo/EapOkkbdgT9qNA$WFuP2TT4RvBGj2LXT9SRRrg4j7lioO9bKvprr0EszuQ'],
  [
    'correct horse battery',
    '$argon2id$v=19$m=8192,t=3,p=2$0oysT94C/mA0Gl9FaHy5Jg$wlSNr3ojRjgcI2XwFPfzhk1gG3RAb6N4FXjzLfoyAVGazU6JyAPMRMsncyM5iaNN',
  ],
  [
    'correct horse battery',
    '$argon2i$v=19$m=19456,t=2,p=1$1PuZGz+cZquN+zJ8o/6Syg$y/FG3iQGkKuxiWXYU0WqDp57CIxeyqFvByJ1Wu15++g',
  ],
  [
    'correct horse battery',
    '$argon2d$v=19$m=19456,t=2,p=1$7zwL0P8kXqJTrvD0Co74Vg$2ps3po7fr8MVGF+5lgZ1WReGadT7Lyr5idN0CRlt5ls',
  ],
])('%s still verifies against what an earlier version stored', async (password, kept) => {
  assert.equal(await verifyPassword(kept, password), true);
  assert.equal(await verifyPassword(kept, `${password}x`), false);
});

// The vector of RFC 9106 uses a secret, which we do not; these are from the tests of Argon2's authors.
test.each([
  ['argon2id', 'm=65536,t=2,p=1', 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
  ['argon2id', 'm=256,t=2,p=2', 'bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'],
])('%s with %s equals the reference', async (variant, costs, tag) => {
  assert.equal(await verifyPassword(`$${variant}$v=19$${costs}$c29tZXNhbHQ$${tag}`, 'password'), true);
});

test('no bit of a stored hash may differ; a hash that cannot be read matches no password', async () => {
  const kept = await hashPassword('correct horse');
  const { salt, tag } = parsePasswordHash(kept);
  const changed = (bytes: Uint8Array, at: number): string => {
    const copy = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
    return kept.replace(bytes.toBase64({ omitPadding: true }), () => copy.toBase64({ omitPadding: true }));
  };
  const others = [
    changed(salt, 0),
    changed(tag, 0),
    changed(tag, 31),
    kept.replace('t=2', 't=3'),
    kept.slice(0, -1),
    '',
  ];
  for (const each of others) assert.equal(await verifyPassword(each, 'correct horse'), false, each);
});

test('the main thread is not blocked while a password is hashed', async () => {
  let turns = 0;
  let isDone = false;
  const hashing = hashPassword('correct horse').finally(() => (isDone = true));
  const turn = (): void => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  turn();
  await hashing;
  assert.ok(turns > 10, `${turns} turns`);
});
