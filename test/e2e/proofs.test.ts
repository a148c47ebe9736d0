import anyTest, { type TestFn } from 'ava';
import { createIds } from '../../platform/ids.ts';
import { checkProof } from '../_support/check-proof.ts';
import { type Answer, request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, withToken } from '../integration/grpc/kit.ts';

const test = anyTest as TestFn<{ readonly system: System }>;

test.before(async (t) => {
  t.context = { system: await startSystem() };
});
test.after.always((t) => t.context.system.stop());

test('proofs: after the night’s schedule, everybody reads the roots and each customer’s proof holds', async (t) => {
  const { system } = t.context;
  const call = (path: string, token?: string): Promise<Answer> =>
    request('GET', `${system.rest}/api/v1${path}`, { token });
  const customers = await createCustomers(system.internal, 3, { USDT: '2000', BTC: '0.5' });
  const [alice] = customers;
  t.like(await call('/wallets/proof', alice?.token), { status: 404, body: { code: 'NOT_FOUND' } });
  t.like(await call('/wallets/proof'), { status: 401 });
  t.deepEqual((await call('/proofs/liabilities')).body, { items: [], next_cursor: null });

  await system.temporal.client.schedule.getHandle('liability-proof').trigger();
  const published = async () => (await call('/proofs/liabilities')).body as { items: { roots: unknown[] }[] };
  await until(async () => (await published()).items.length > 0, 20_000);
  const roots = await published();
  t.like(roots.items[0]?.roots, [
    { asset: 'BTC', sum: '1.5', leaves: 3 },
    { asset: 'USDT', sum: '6000', leaves: 3 },
  ]);
  for (const { userId: user, token } of customers) {
    const proof = await call('/wallets/proof', token);
    t.is(proof.status, 200);
    t.is(proof.headers.get('cache-control'), 'no-store');
    const { body: wallets } = await call('/wallets', token);
    const checked = checkProof({ proof: proof.body, roots, wallets, user });
    t.is(checked.status, 0, checked.output);
  }
  const wallets = connect(system.grpc, 'WalletService');
  t.teardown(() => wallets.close());
  t.deepEqual((await invoke(wallets, 'ListLiabilityRoots', {}))['items'], roots.items);
  const { body } = await call('/wallets/proof', alice?.token);
  const told = await invoke(wallets, 'GetLiabilityProof', {}, withToken(alice?.token ?? ''));
  t.deepEqual(JSON.parse(JSON.stringify(told).replaceAll('PROOF_SIDE_', '')), body);

  const unknown = createIds(() => new Date())();
  t.is((await call(`/wallets/proof?snapshot_id=${unknown}`, alice?.token)).status, 404);
  t.is((await call('/wallets/proof?snapshot_id=x', alice?.token)).status, 400);
});
