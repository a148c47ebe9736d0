import test from 'ava';
import { decideDescription, decideExample, quoted } from '../../../domain/compliance/desk.ts';

test('desk: text of a customer with Markdown and lines of its own, shown as the plain text of one line', (t) => {
  t.is(quoted('Ann\n\n### **Approved** [x](y)'), 'Ann \\#\\#\\# \\*\\*Approved\\*\\* \\[x\\]\\(y\\)');
});

test('desk: the example of a decision, JSON that lacks only the officer and names the outcomes', (t) => {
  const example = JSON.parse(decideExample('7', ['approve', 'reject'])) as Record<string, string>;
  t.like(example, { revision: '7', outcome: 'approve | reject' });
  t.deepEqual(Object.keys(example), ['officer', 'code', 'revision', 'outcome', 'reason']);
  t.regex(decideDescription(['approve', 'reject']), /"outcome":"approve \| reject"/);
});
