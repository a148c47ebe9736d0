import test from 'ava';
import fc from 'fast-check';
import { judgeRefresh, type RefreshVerdict, type TokenChain } from '../../../domain/identity/refresh.ts';

const issuedAt = new Date('2026-11-21T12:00:00Z');
const after = (ms: number): Date => new Date(issuedAt.getTime() + ms);
const alone: TokenChain = { head: 5 };
const pending: TokenChain = { head: 5, child: { serial: 7, generation: 2, issuedAt } };

const judges = test.macro({
  title: (_, circumstance: string, __, ___, ____, want: RefreshVerdict) =>
    `judgeRefresh: ${circumstance}, ${want.kind}`,
  exec: (t, _circumstance: string, chain: TokenChain, serial: number, at: Date, want: RefreshVerdict) => {
    t.deepEqual(judgeRefresh(chain, serial, at), want);
  },
});

test(judges, 'the head without a child', alone, 5, issuedAt, {
  kind: 'issue',
  serial: 6,
  generation: 1,
  confirms: false,
});
test(judges, 'the head 9.999 s after its child', pending, 5, after(9_999), {
  kind: 'repeat',
  serial: 7,
  generation: 2,
});
test(judges, 'the head 10 s after its unused child', pending, 5, after(10_000), {
  kind: 'issue',
  serial: 8,
  generation: 3,
  confirms: false,
});
test(judges, 'the child', pending, 7, after(1), { kind: 'issue', serial: 8, generation: 1, confirms: true });
test(judges, 'a void child', pending, 6, after(1), { kind: 'theft' });
test(judges, 'a spent parent', alone, 4, after(1), { kind: 'theft' });
test(judges, 'a spent parent while a child waits', pending, 4, after(1), { kind: 'theft' });

test('judgeRefresh: any order of refreshes, serials rise by one and only head and child are no theft', (t) => {
  const step = fc.record({ serial: fc.nat(12), waitMs: fc.nat(20_000) });
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let chain: TokenChain = { head: 1 };
    let now = issuedAt.getTime();
    let newest = 1;
    for (const { serial, waitMs } of steps) {
      now += waitMs;
      const verdict = judgeRefresh(chain, serial, new Date(now));
      const legal = serial === chain.head || serial === chain.child?.serial;
      if ((verdict.kind === 'theft') === legal) return false;
      if (verdict.kind !== 'issue') continue;
      if (verdict.serial !== newest + 1) return false;
      newest = verdict.serial;
      const child = { serial: newest, generation: verdict.generation, issuedAt: new Date(now) };
      chain = { head: verdict.confirms ? serial : chain.head, child };
    }
    return true;
  });
  t.notThrows(() => fc.assert(property));
});
