/**
 * Checks a proof of liabilities: that what a user had is part of the sums that the exchange published.
 *
 *   node check-proof.mjs ROOTS [--proof FILE] [--user ID] [--wallets FILE]
 *
 * ROOTS is a file with the answer of GET /api/v1/proofs/liabilities, best kept by somebody else since the day it was
 * published. The proof, the answer of GET /api/v1/wallets/proof, is read from FILE or from the standard input. With
 * --user it must be about this user; with --wallets, the answer of GET /api/v1/wallets, it must say what the wallets
 * say: right where nothing moved since the snapshot. Prints a line for each asset. Ends with 0 when all holds, 1 when
 * something is wrong, and 2 when it was called wrongly.
 *
 * It needs Node alone. It shares no code with the exchange, and must not: that is its worth. docs/api/proofs.md says
 * what is hashed, so that anybody can write another.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** The finest amount there is: amounts are compared and added as whole numbers of it. */
const decimals = 18;

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

class Wrong extends Error {}

function must(holds, complaint) {
  if (!holds) throw new Wrong(complaint);
}

/** A decimal such as "12.5" in 10^-18. A sign is refused: one negative sum would hide what others are owed. */
function toUnits(decimal) {
  must(typeof decimal === 'string' && /^(0|[1-9]\d*)(\.\d{1,18})?$/.test(decimal), `${decimal} is no amount`);
  const [whole, fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/** Its shortest spelling, which is the one that is hashed. */
function toDecimal(units) {
  const digits = units.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, '');
}

/** A text that goes into a hash between line breaks, so that it must hold none. */
function plain(value, name) {
  must(typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value), `its ${name} is missing or malformed`);
  return value;
}

function hashOf(value) {
  must(typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'a hash is missing or malformed');
  return value;
}

function join(left, right) {
  const fields = [left.hash, toDecimal(left.sum), right.hash, toDecimal(right.sum)];
  return { hash: sha256(['liability-node', ...fields].join('\n')), sum: left.sum + right.sum };
}

/** From the user's own leaf to the root that the path leads to. */
function climb(proof, item) {
  const amount = toUnits(item.amount);
  const told = [
    plain(proof.snapshot_id, 'snapshot_id'),
    plain(item.asset, 'asset'),
    plain(proof.user_id, 'user_id'),
    plain(item.nonce, 'nonce'),
  ];
  let node = { hash: sha256(['liability-leaf', ...told, toDecimal(amount)].join('\n')), sum: amount };
  must(Array.isArray(item.path), 'it has no path');
  for (const step of item.path) {
    const neighbour = { hash: hashOf(step?.hash), sum: toUnits(step.sum) };
    must(step.side === 'LEFT' || step.side === 'RIGHT', 'a step is on no side');
    node = step.side === 'LEFT' ? join(neighbour, node) : join(node, neighbour);
  }
  return node;
}

function checkAsset(proof, item, roots) {
  const root = climb(proof, item);
  const published = roots.filter(({ asset }) => asset === item.asset);
  must(published.length === 1, 'no root of this asset was published, or several');
  const [{ hash, sum }] = published;
  must(root.hash === hashOf(hash), `it leads to another root than the published ${hash}`);
  must(root.sum === toUnits(sum), `it adds up to ${toDecimal(root.sum)}, the published sum is ${sum}`);
  return `${item.amount} of ${sum} in all, by ${item.path.length} steps`;
}

/** That the wallets and the proof know the same assets and amounts. */
function* checkWallets(proof, wallets) {
  const proven = new Map(proof.items.map((item) => [item.asset, item]));
  const held = new Map(wallets.items.map((wallet) => [wallet.asset, wallet]));
  const check = (asset) => {
    const says = toUnits(proven.get(asset)?.amount ?? '0');
    const { available = '0', reserved = '0' } = held.get(asset) ?? {};
    const shows = toUnits(available) + toUnits(reserved);
    must(says === shows, `proven are ${toDecimal(says)}, your wallet shows ${toDecimal(shows)}`);
  };
  for (const asset of new Set([...proven.keys(), ...held.keys()])) yield [asset, () => check(asset)];
}

function* checks(proof, published, { user, wallets }) {
  const snapshot = published.items.find(({ snapshot_id: id }) => id === proof.snapshot_id);
  yield ['snapshot', () => must(snapshot !== undefined, `nothing was published for ${proof.snapshot_id}`)];
  if (user !== undefined) {
    yield ['user', () => must(proof.user_id === user, `it is about ${proof.user_id}, whose amounts may be others'`)];
  }
  const assets = proof.items.map(({ asset }) => asset);
  yield ['assets', () => must(new Set(assets).size === assets.length, 'one is there twice')];
  for (const item of proof.items) yield [item.asset, () => checkAsset(proof, item, snapshot?.roots ?? [])];
  if (wallets !== undefined) yield* checkWallets(proof, wallets);
}

/** Prints what holds and what does not; answers whether all does. */
function run(all) {
  let sound = true;
  for (const [subject, check] of all) {
    try {
      const found = check();
      if (found !== undefined) console.log(`ok     ${subject}: ${found}`);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      sound = false;
      console.log(`WRONG  ${subject}: ${error.message}`);
    }
  }
  return sound;
}

function readItems(file) {
  const read = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(read?.items)) throw new Error(`${file === 0 ? 'The proof' : file} has no items.`);
  return read;
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { proof: { type: 'string' }, user: { type: 'string' }, wallets: { type: 'string' } },
  });
  if (positionals.length !== 1)
    throw new Error('Say where the published roots are. The head of this file has the rest.');
  const published = readItems(positionals[0]);
  const proof = readItems(values.proof ?? 0);
  const wallets = values.wallets === undefined ? undefined : readItems(values.wallets);
  const sound = run(checks(proof, published, { user: values.user, wallets }));
  console.log(sound ? `The proof of ${proof.taken_at} holds.` : 'The proof does NOT hold.');
  process.exitCode = sound ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
