import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { checkProof } from '../_support/check-proof.ts';

const sha = (...lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');

const [snapshot, alice, nonce] = [
  '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
  '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e40',
  '7f9c24e8-3b12-4fef-91e0-56a2d5a13ad1',
];
// Three leaves: Alice's, one beside it, and one that went up by itself.
const own = sha('liability-leaf', snapshot, 'USDT', alice, nonce, '12.5');
const [neighbour, third] = [sha('another'), sha('one more')];
const pair = sha('liability-node', own, '12.5', neighbour, '7');
const top = sha('liability-node', pair, '19.5', third, '0.000001');

const path = [
  { side: 'RIGHT', hash: neighbour, sum: '7' },
  { side: 'RIGHT', hash: third, sum: '0.000001' },
];
const root = { hash: top, sum: '19.500001' };
const item = { asset: 'USDT', amount: '12.5', nonce, path, root };
const proof = { snapshot_id: snapshot, taken_at: '2026-11-30T01:00:00.000Z', user_id: alice, items: [item] };
const roots = { items: [{ snapshot_id: snapshot, roots: [{ asset: 'USDT', ...root, leaves: 3 }] }] };
const wallets = { items: [{ asset: 'USDT', available: '12', reserved: '0.5' }] };

test('check-proof: a proof made by hand, holds', (t) => {
  const { status, output } = checkProof({ proof, roots, wallets, user: alice });
  t.is(output, 'ok     USDT: 12.5 of 19.500001 in all, by 2 steps\nThe proof of 2026-11-30T01:00:00.000Z holds.\n');
  t.is(status, 0);
});

test('check-proof: what it imports, is Node’s alone', (t) => {
  const text = readFileSync('scripts/check-proof.mjs', 'utf8');
  const imports = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name);
  t.deepEqual(imports, ['node:crypto', 'node:fs', 'node:util']);
});

const withItem = (change: object) => ({ proof: { ...proof, items: [{ ...item, ...change }] } });
const withStep = (change: object) => withItem({ path: [{ ...path[0], ...change }, path[1]] });
const withRoot = (change: object) => ({
  roots: { items: [{ snapshot_id: snapshot, roots: [{ asset: 'USDT', ...root, ...change }] }] },
});

const wrong = test.macro({
  title: (_, circumstance: string) => `check-proof: ${circumstance}, is named and ends with 1`,
  exec(t, _circumstance: string, change: object, complaint: RegExp) {
    const { status, output } = checkProof({ proof, roots, wallets, user: alice, ...change });
    t.is(status, 1, output);
    t.regex(output, complaint);
    t.regex(output, /The proof does NOT hold\.\n$/);
  },
});

test(wrong, 'another amount', withItem({ amount: '12.4' }), /WRONG {2}USDT: it leads to another root/);
test(wrong, 'an amount below zero', withItem({ amount: '-12.5' }), /WRONG {2}USDT: -12\.5 is no amount/);
test(wrong, 'an amount that is a number', withItem({ amount: 12.5 }), /WRONG {2}USDT: 12\.5 is no amount/);
test(wrong, 'another nonce', withItem({ nonce: alice }), /another root/);
test(wrong, 'another asset', withItem({ asset: 'USDC' }), /WRONG {2}USDC: no root of this asset/);
test(wrong, 'a nonce of two lines', withItem({ nonce: `${nonce}\n1` }), /its nonce is missing or malformed/);
test(wrong, 'no path', withItem({ path: undefined }), /it has no path/);
test(wrong, 'a shorter path', withItem({ path: path.slice(0, 1) }), /another root/);
test(wrong, 'a step that is nothing', withItem({ path: [null, path[1]] }), /a hash is missing or malformed/);
test(wrong, 'a step on the other side', withStep({ side: 'LEFT' }), /another root/);
test(wrong, 'a step on no side', withStep({ side: 'UP' }), /a step is on no side/);
test(wrong, 'a step with another sum', withStep({ sum: '6' }), /another root/);
test(wrong, 'a step below zero', withStep({ sum: '-7' }), /-7 is no amount/);
test(wrong, 'a step with another hash', withStep({ hash: third }), /another root/);
test(wrong, 'a root that it brings itself', withRoot({ hash: third }), /another root than the published/);
test(
  wrong,
  'a published sum that is less',
  withRoot({ sum: '19.5' }),
  /adds up to 19\.500001, the published sum is 19\.5/,
);
test(wrong, 'nothing published for its day', { roots: { items: [] } }, /nothing was published for/);
test(wrong, 'the proof of somebody else', { user: nonce }, /WRONG {2}user: it is about/);
test(wrong, 'one asset twice', { proof: { ...proof, items: [item, item] } }, /WRONG {2}assets: one is there twice/);
test(
  wrong,
  'a wallet that shows less',
  { wallets: { items: [{ asset: 'USDT', available: '2', reserved: '0.5' }] } },
  /proven are 12\.5, your wallet shows 2\.5/,
);
test(
  wrong,
  'a wallet with an asset that was left out',
  { wallets: { items: [...wallets.items, { asset: 'BTC', available: '1', reserved: '0' }] } },
  /WRONG {2}BTC: proven are 0, your wallet shows 1/,
);

const refused = test.macro({
  title: (_, circumstance: string) => `check-proof: ${circumstance}, ends with 2`,
  exec(t, _circumstance: string, change: object) {
    t.is(checkProof({ proof, roots, ...change }).status, 2);
  },
});
test(refused, 'a proof that is no JSON', { proof: '{' });
test(refused, 'a problem document for a proof', { proof: { code: 'UNAUTHENTICATED' } });
test(refused, 'roots that are none', { roots: [] });
