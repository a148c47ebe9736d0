import { hash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {
  createMerkleSum,
  type Liability,
  type MerkleSum,
  pathPlaces,
  type Step,
  type SumNode,
} from '../../domain/ledger/merkle-sum.ts';

const tree = createMerkleSum((text) => hash('sha256', text), 8);

const liabilities = fc.array(
  fc.record({
    snapshotId: fc.constant('019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f'),
    asset: fc.constant('BTC'),
    userId: fc.uuid(),
    nonce: fc.uuid(),
    amount: fc.bigInt({ min: 0n, max: 10n ** 28n }),
  }),
  { minLength: 1, maxLength: 70 },
);

/** All levels, from the leaves to the root. */
function levelsOf({ leaf, parents }: MerkleSum, all: readonly Liability[]): readonly (readonly SumNode[])[] {
  const levels: (readonly SumNode[])[] = [all.map(leaf)];
  for (let top = levels[0]!; top.length > 1; levels.push(top)) top = parents(top);
  return levels;
}

/** A tree, its root, and one leaf of it with its path. */
const proven = fc.tuple(liabilities, fc.nat()).map(([all, number]) => {
  const levels = levelsOf(tree, all);
  const position = number % all.length;
  const path = pathPlaces(position, all.length).map(({ level, position: at, side }): Step => ({
    ...levels[level]![at]!,
    side,
  }));
  return { all, liability: all[position]!, path, root: levels.at(-1)![0]! };
});

const same = (one: SumNode, other: SumNode): boolean => one.hash === other.hash && one.sum === other.sum;

test('merkle sum: any leaf of any tree, its path leads to the root and the root is the sum of all', (t) => {
  fc.assert(
    fc.property(proven, ({ all, liability, path, root }) => {
      t.true(same(tree.rootOf(tree.leaf(liability), path), root));
      t.is(
        root.sum,
        all.reduce((sum, { amount }) => sum + amount, 0n),
      );
      t.true(path.length <= Math.ceil(Math.log2(all.length)));
    }),
    { numRuns: 200 },
  );
});

test('merkle sum: any change of a leaf, its path leads elsewhere', (t) => {
  const other = fc.constantFrom<Partial<Liability>>(
    { snapshotId: '019a9e6e-0000-7d31-b4b5-0a4b1d2c3e4f' },
    { asset: 'ETH' },
    { userId: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e40' },
    { nonce: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e41' },
  );
  fc.assert(
    fc.property(proven, other, fc.bigInt({ min: 1n, max: 10n ** 28n }), ({ liability, path, root }, change, more) => {
      t.false(same(tree.rootOf(tree.leaf({ ...liability, ...change }), path), root));
      t.false(same(tree.rootOf(tree.leaf({ ...liability, amount: liability.amount + more }), path), root));
    }),
    { numRuns: 200 },
  );
});

const changes: readonly ((step: Step, by: bigint) => Step)[] = [
  (step, by) => ({ ...step, sum: step.sum + by }),
  (step) => ({ ...step, hash: hash('sha256', step.hash) }),
  (step) => ({ ...step, side: step.side === 'LEFT' ? 'RIGHT' : 'LEFT' }),
];

test('merkle sum: any step changed, left out or added, the path leads elsewhere', (t) => {
  const change = fc.constantFrom(...changes);
  fc.assert(
    fc.property(proven, change, fc.nat(), fc.bigInt({ min: 1n, max: 10n ** 28n }), (given, alter, number, by) => {
      const { liability, path, root } = given;
      const leaf = tree.leaf(liability);
      const extra: Step = { side: 'RIGHT', hash: hash('sha256', 'nobody'), sum: 0n };
      t.false(same(tree.rootOf(leaf, [...path, extra]), root));
      if (path.length === 0) return;
      const at = number % path.length;
      t.false(same(tree.rootOf(leaf, path.with(at, alter(path[at]!, by))), root));
      t.false(same(tree.rootOf(leaf, path.toSpliced(at, 1)), root));
    }),
    { numRuns: 200 },
  );
});

test('merkle sum: two children with one total split otherwise, another hash', (t) => {
  const [one, two] = ['a', 'b'].map((text) => hash('sha256', text));
  const root = (left: bigint, right: bigint) =>
    tree.rootOf({ hash: one!, sum: left }, [{ side: 'RIGHT', hash: two!, sum: right }]);
  t.is(root(3n, 4n).sum, root(7n, 0n).sum);
  t.not(root(3n, 4n).hash, root(7n, 0n).hash);
});

test('merkle sum: a negative amount, is a bug', (t) => {
  const liability = { snapshotId: 's', asset: 'BTC', userId: 'u', nonce: 'n', amount: -1n };
  t.throws(() => tree.leaf(liability), { message: /nobody owes/ });
});

test('merkle sum: the text that is hashed, is what the documents say', (t) => {
  const literal = createMerkleSum((text) => `<${text.replaceAll('\n', '|')}>`, 2);
  const liability = { snapshotId: 's', asset: 'USD', userId: 'u', nonce: 'n', amount: 150n };
  const leaf = literal.leaf(liability);
  t.deepEqual(leaf, { hash: '<liability-leaf|s|USD|u|n|1.5>', sum: 150n });
  const [root] = literal.parents([leaf, { hash: 'x', sum: 5n }]);
  t.deepEqual(root, { hash: '<liability-node|<liability-leaf|s|USD|u|n|1.5>|1.5|x|0.05>', sum: 155n });
});
