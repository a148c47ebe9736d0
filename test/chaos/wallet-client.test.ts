import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { standardLimits } from '../../contract/clients/calls.ts';
import { meterWalletCalls } from '../../contract/clients/metrics.ts';
import { createWalletClient, type WalletClient } from '../../contract/clients/wallet-client.ts';
import { DomainError } from '../../domain/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../../platform/config/config.ts';
import { createIds } from '../../platform/ids.ts';
import { createMetrics } from '../../platform/telemetry.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const newId = createIds(systemClock);

/** Reserves 1 USDT under one id after the other and gives half of them back, by several callers, until told to stop. */
function startAsking(wallets: WalletClient, userId: string) {
  const reserved: string[] = [];
  const released: string[] = [];
  let [faults, stopping] = [0, false];

  /** Until its outcome is known: a fault says nothing about it, and the id makes it safe. */
  async function untilKnown(call: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await call();
        return;
      } catch (error) {
        if (error instanceof DomainError) throw error;
        faults += 1;
        await sleep(20);
      }
    }
  }

  async function ask(): Promise<void> {
    while (!stopping) {
      const order = { user_id: userId, asset: 'USDT', amount: '1', order_id: newId(), reason: 'BUY_ORDER' };
      await untilKnown(() => wallets.reserve(order));
      reserved.push(order.order_id);
      if (reserved.length % 2 === 0) continue;
      await untilKnown(() => wallets.release({ ...order, reason: 'ORDER_CANCELLED' }));
      released.push(order.order_id);
    }
  }

  const asking = Array.from({ length: 12 }, ask);
  return {
    reserved,
    released,
    faults: () => faults,
    async stop() {
      stopping = true;
      await Promise.all(asking);
    },
  };
}

/** What happens to the wallet service, and how it comes back. */
const faults: readonly (readonly [
  string,
  (system: System) => Promise<unknown>,
  (system: System) => Promise<unknown>,
])[] = [
  ['killed', ({ kill }) => kill('api'), ({ start }) => start('api')],
  ['stopped by a deployment', ({ stopApp }) => stopApp('api'), ({ start }) => start('api')],
  ['frozen', async ({ signal }) => signal('api', 'SIGSTOP'), async ({ signal }) => signal('api', 'SIGCONT')],
];

test('wallet client: service killed, stopped, frozen under load, opens, recovers, each call counts once', async (t) => {
  t.timeout(110_000);
  const system = await startSystem();
  t.teardown(() => system.stop());
  const [customer] = await createCustomers(system.internal, 1);
  const userId = customer!.userId;
  const metrics = createMetrics();
  const shown = async (line: string): Promise<number> => {
    const found = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(`${line} `));
    return Number(found?.split(' ')[1] ?? 0);
  };
  const inState = (state: string) => shown(`wallet_client_breaker{state="${state}"}`);
  const changes = (state: string) => shown(`wallet_client_breaker_changes_total{state="${state}"}`);

  const wallets = createWalletClient({
    url: system.internal,
    token: loadConfig(system.env).auth.serviceToken.reveal(),
    listener: meterWalletCalls(metrics),
    limits: { ...standardLimits, openMs: 1_000, timeoutMs: 1_500 },
  });
  const before = await wallets.balances(userId);
  t.is(await inState('closed'), 1);
  const load = startAsking(wallets, userId);
  for (const [what, breakIt, mend] of faults) {
    await until(async () => load.reserved.length > 50);
    const [opened, trials] = [await changes('open'), await changes('half_open')];
    const asked = load.reserved.length;
    await breakIt(system);
    await until(async () => (await changes('open')) > opened, 20_000);
    t.is(await inState('closed'), 0, what);
    await mend(system);
    await until(async () => (await inState('closed')) === 1 && load.reserved.length > asked + 50, 20_000);
    t.true((await changes('half_open')) > trials, what);
    t.log(`${what}: open ${(await changes('open')) - opened} times, ${load.faults()} faults so far`);
  }
  await load.stop();
  t.true((await shown('wallet_client_retries_total{operation="reserveFunds"}')) > 0);
  t.true((await shown('wallet_client_attempts_total{operation="reserveFunds",outcome="not_sent"}')) > 0);

  const kept = load.reserved.length - load.released.length;
  const usdt = (items: typeof before) => items.find(({ asset }) => asset === 'USDT');
  const now = usdt(await wallets.balances(userId));
  t.is(now?.reserved, String(kept));
  t.is(now?.available, String(Number(usdt(before)?.available) - kept));
  const rows = await system.db.one<{ reservations: number; moved: number }>(
    `SELECT (SELECT count(*)::int FROM ledger.reservations WHERE kind = 'external') AS reservations,
            (SELECT count(*)::int FROM ledger.transfers WHERE kind IN ('RESERVE', 'RELEASE')) AS moved`,
  );
  const { length } = load.reserved;
  t.deepEqual(rows, { reservations: length, moved: length + load.released.length });
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
  t.log(`${length} reservations, ${load.released.length} of them released`);
});
