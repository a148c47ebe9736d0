import { createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { choosePorts, freePort } from '../../scripts/setup/ports.ts';
import { SetUpError } from '../../scripts/setup/progress.ts';

/** Makes sure that a port, any when 0, is taken until the test ends, by us unless somebody has it anyway. */
async function take(t: ExecutionContext, port: number): Promise<number> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!listens) return port;
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.serial('free port: the wanted one is free, it is chosen', async (t) => {
  t.is(await freePort(9_811), 9_811);
});

test.serial('free port: the wanted one is taken, the one 10 000 above', async (t) => {
  await take(t, 9_821);
  t.is(await freePort(9_821), 19_821);
});

test.serial('free port: those above are taken too, or are among those of connections, any other', async (t) => {
  await take(t, 9_831);
  await take(t, 19_831);
  await take(t, 29_831);
  const port = await freePort(9_831);
  t.false([9_831, 19_831, 29_831].includes(port));
  const high = await take(t, 0);
  t.not(await freePort(high), high);
});

test.serial('free port: the wanted one is promised to another, it is not chosen', async (t) => {
  t.is(await freePort(9_841, new Set([9_841])), 19_841);
});

test.serial('ports: every default is taken, each part gets a free one of its own', async (t) => {
  const wanted = Object.values(await choosePorts({}));
  const held = await Promise.all(wanted.map((port) => take(t, port)));
  const chosen = Object.values(await choosePorts({}));
  t.is(new Set(chosen).size, wanted.length);
  t.deepEqual(
    chosen.filter((port) => held.includes(port)),
    [],
  );
});

test.serial('ports: one is fixed to what another has by default, the other gets a free one', async (t) => {
  const free = await freePort(0);
  const { rest, grpc } = await choosePorts({ GRPC_PORT: String(free) });
  t.is(grpc, free);
  const swapped = await choosePorts({ GRPC_PORT: String(rest) });
  t.is(swapped.grpc, rest);
  t.not(swapped.rest, rest);
});

test.serial('ports: one is fixed to 0, any free one', async (t) => {
  t.true((await choosePorts({ SERVER_PORT: '0' })).rest > 0);
});

test.serial('ports: fixed ones are taken, no port or given twice, all are named and none is replaced', async (t) => {
  const taken = String(await take(t, 0));
  const free = String(await freePort(0));
  const env = { SERVER_PORT: taken, ADMIN_PORT: 'abc', GRPC_PORT: free, SMTP_PORT: free, DB_PORT: '70000' };
  const { message } = await t.throwsAsync(choosePorts(env), { instanceOf: SetUpError });
  const lines = [
    `SERVER_PORT=${taken} is taken`,
    'ADMIN_PORT=abc is no port',
    `SMTP_PORT=${free} is given`,
    'DB_PORT=70000 is no port',
  ];
  for (const line of lines) t.true(message.includes(line), `${line} in ${message}`);
  t.false(message.includes('GRPC_PORT'));
});

test.serial('ports: a fixed one is taken by a server that somebody else runs, it stays as given', async (t) => {
  const taken = await take(t, 0);
  const { postgres } = await choosePorts({ DB_PORT: String(taken) }, (part) => part !== 'postgres');
  t.is(postgres, taken);
});
