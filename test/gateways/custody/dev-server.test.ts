import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { StatementLine } from '../../../domain/payments/statement.ts';
import type { StatementGateway } from '../../../gateways/custody/custody.ts';
import { createDevCustody } from '../../../gateways/custody/dev-gateway.ts';
import { startDevCustody } from '../../../gateways/custody/dev-server.ts';

const at = new Date('2026-11-30T12:00:00Z');

async function start(t: ExecutionContext, file?: string) {
  const options = { host: '127.0.0.1', port: 0, clock: () => at, blockMs: 1_000 };
  const { port, close } = await startDevCustody({ ...options, ...(file !== undefined && { file }) });
  t.teardown(close);
  const url = `http://127.0.0.1:${port}`;
  const custody = createDevCustody(url);
  return {
    custody,
    close,
    async send(nonce: string, amount: string) {
      const signed = await custody.sign({ nonce, asset: 'USDT', amount, to: 'dev1' });
      await custody.broadcast(signed);
      return signed.hash;
    },
    receive: (reference: string) =>
      fetch(`${url}/incoming`, { method: 'POST', body: JSON.stringify({ reference, asset: 'BTC', amount: '2' }) }),
  };
}

async function newFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pandora-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'below', 'custodian.jsonl');
}

async function readAll(custody: StatementGateway): Promise<readonly StatementLine[]> {
  const lines: StatementLine[] = [];
  let next: string | undefined;
  do {
    const page = await custody.statement(next);
    lines.push(...page.lines);
    next = page.next;
  } while (next !== undefined);
  return lines;
}

test('custodian: what left and what came, both on its statement in that order', async (t) => {
  const { custody, send, receive } = await start(t);
  t.deepEqual(await custody.statement(), { lines: [], next: undefined });
  const hash = await send('0', '5.5');
  await receive('from a friend');
  t.deepEqual(await readAll(custody), [
    { direction: 'out', reference: hash, asset: 'USDT', amount: '5.5', to: 'dev1', at },
    { direction: 'in', reference: 'from a friend', asset: 'BTC', amount: '2', at },
  ]);
});

test('custodian: more than fits a page, all of it on several', async (t) => {
  const { custody, receive } = await start(t);
  const references = Array.from({ length: 2_001 }, (_, number) => `number ${number}`);
  for (const reference of references) await receive(reference);
  t.is((await custody.statement()).lines.length, 1_000);
  t.deepEqual(
    (await readAll(custody)).map(({ reference }) => reference),
    references,
  );
});

test('custodian: started anew over its file, knows what it sent, and the numbers that are taken', async (t) => {
  const file = await newFile(t);
  const first = await start(t, file);
  const hash = await first.send('0', '1');
  await first.receive('r');
  const lines = await readAll(first.custody);
  await first.close();

  const second = await start(t, file);
  t.deepEqual(await readAll(second.custody), lines);
  t.is(await second.custody.confirmations(hash), 0);
  t.is(await second.send('0', '1'), hash, 'the same bytes are the same transaction');
  await t.throwsAsync(second.send('0', '2'), { message: /409/ });
  t.deepEqual(await readAll(second.custody), lines);
});

test('custodian: died while it wrote, goes on behind the last whole line', async (t) => {
  const file = await newFile(t);
  const first = await start(t, file);
  await first.send('0', '1');
  await first.close();
  const whole = await readFile(file, 'utf8');
  await appendFile(file, '{"hash":"0x12');

  const second = await start(t, file);
  t.is((await readAll(second.custody)).length, 1);
  await second.send('1', '2');
  t.is((await readAll(second.custody)).length, 2);
  t.true((await readFile(file, 'utf8')).startsWith(`${whole}{"hash":`));
  await second.close();
  t.is((await readAll((await start(t, file)).custody)).length, 2);
});
