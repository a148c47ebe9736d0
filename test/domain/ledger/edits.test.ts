import test from 'ava';
import { compareCounts } from '../../../domain/ledger/edits.ts';

const overflow = 't_default';

test('compareCounts: rows were only added, also to a new partition, nothing is doubtful', (t) => {
  const after = { t_1: [9, 0, 0], t_2: [4, 0, 0], t_default: [1, 0, 0] } as const;
  t.deepEqual(compareCounts({ t_1: [5, 0, 0] }, after, overflow), { edits: [], isDoubtful: false });
  t.deepEqual(compareCounts({}, after, overflow), { edits: [], isDoubtful: false });
});

test('compareCounts: rows were changed or deleted, says where and how many since', (t) => {
  const before = { t_1: [5, 2, 1], t_2: [5, 0, 0] } as const;
  t.deepEqual(compareCounts(before, { t_1: [5, 3, 3], t_2: [6, 0, 0], t_default: [1, 4, 0] }, overflow), {
    edits: [
      { part: 't_1', updated: 1, deleted: 2 },
      { part: 't_default', updated: 4, deleted: 0 },
    ],
    isDoubtful: false,
  });
});

test('compareCounts: rows left the DEFAULT partition, as when theirs is made, is doubtful and no edit', (t) => {
  const after = { t_1: [3, 0, 0], t_default: [3, 0, 3] } as const;
  t.deepEqual(compareCounts({ t_default: [3, 0, 0] }, after, overflow), { edits: [], isDoubtful: true });
});

test('compareCounts: counts began anew, is doubtful and what was counted since is an edit', (t) => {
  const before = { t_1: [5, 7, 0] } as const;
  t.deepEqual(compareCounts(before, { t_1: [1, 0, 0] }, overflow), { edits: [], isDoubtful: true });
  t.deepEqual(compareCounts(before, { t_1: [1, 2, 0] }, overflow), {
    edits: [{ part: 't_1', updated: 2, deleted: 0 }],
    isDoubtful: true,
  });
});

test('compareCounts: a partition is gone, is doubtful', (t) => {
  t.true(compareCounts({ t_1: [5, 0, 0] }, {}, overflow).isDoubtful);
});
