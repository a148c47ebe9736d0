import { Writable } from 'node:stream';
import test from 'ava';
import { createLogger } from '../../platform/log.ts';
import { enableTraceContext, inTrace } from '../../platform/telemetry.ts';

function capture() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, log: createLogger({ name: 'test', level: 'debug', stream }) };
}

test('log: a field that is not on the list, only its type written', (t) => {
  const { lines, log } = capture();
  log.info({ symbol: 'BTC/USDT', password: 'hunter2', nested: { token: 'secret' } }, 'Placed');
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  t.is(line['symbol'], 'BTC/USDT');
  t.is(line['password'], '[string]');
  t.is(line['nested'], '[object]');
});

test('log: an error, its message and cause kept and other properties left out', (t) => {
  const { lines, log } = capture();
  const err = Object.assign(new Error('refused', { cause: new Error('the cause') }), { code: 'X1', row: 'personal' });
  log.error({ err }, 'Failed');
  t.regex(lines[0] ?? '', /refused/);
  t.regex(lines[0] ?? '', /the cause/);
  t.regex(lines[0] ?? '', /X1/);
  t.notRegex(lines[0] ?? '', /personal/);
});

test('log: inside a trace, the id of the caller’s trace on the line', async (t) => {
  enableTraceContext();
  const { lines, log } = capture();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await inTrace('test', { traceparent: `00-${traceId}-b7ad6b7169203331-01` }, async (id) => {
    await new Promise((resolve) => setImmediate(resolve));
    log.info({}, 'Inside');
    t.is(id, traceId);
  });
  t.is((JSON.parse(lines[0] ?? '') as { trace_id: string }).trace_id, traceId);
});

test('log: no trace given, one begun', async (t) => {
  enableTraceContext();
  t.regex(await inTrace('test', {}, async (id) => id), /^[0-9a-f]{32}$/);
});
