import test from 'ava';
import { processes, processId, processStart } from '../../domain/processes.ts';

test('processId: a symbol, becomes part of it without a slash', (t) => {
  t.is(processId('settlement', 'BTC/USDT'), 'settlement:BTC-USDT');
});

test('processes: two of one subject, never share an id', (t) => {
  const ids = Object.values(processes).map(({ prefix }) => prefix);
  t.is(new Set(ids).size, ids.length);
});

test('processStart: a subject, is the only input and gives the id', (t) => {
  t.deepEqual(processStart('settlement', 'BTC/USDT'), {
    workflow: 'settlement',
    workflowId: 'settlement:BTC-USDT',
    queue: 'settlement',
    input: 'BTC/USDT',
  });
});
