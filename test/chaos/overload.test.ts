import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { rounds } from '../_support/chaos.ts';
import { type Client, createClient } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { memoryOf } from '../_support/memory.ts';
import { startSystem, type System } from '../_support/system.ts';
import { openRawClient, type RawAnswer, type RawClient } from './raw-orders.ts';

interface Context {
  readonly system: System;
  readonly customers: readonly Customer[];
  readonly api: Client;
  readonly raw: RawClient;
  /** An order of each customer. */
  readonly requests: readonly Buffer[];
}
const test = anyTest as TestFn<Context>;

/** In a normal run other tests share the machine: how much is served then says nothing. */
const isMeasured = rounds > 1;
const seconds = isMeasured ? 30 : 4;

test.before(async (t) => {
  const system = await startSystem({ SERVER_MAX_ACTIVE: '200' });
  const customers = await createCustomers(system.internal, 50);
  const api = createClient(`${system.rest}/api/v1`);
  const raw = openRawClient(system.rest, 1_000);
  t.context = { system, customers, api, raw, requests: customers.map(({ token }) => raw.write(token, order)) };
});
test.after.always(async ({ context: { system, api, raw } }) => {
  raw.close();
  api.close();
  await system.stop();
});

const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.0001' };

interface Asked extends RawAnswer {
  readonly customer: Customer;
}

let asked = 0;

async function place({ raw, requests, customers }: Context): Promise<Asked> {
  const number = asked++ % customers.length;
  return { ...(await raw.send(requests[number]!)), customer: customers[number]! };
}

/** Orders a second that are placed when each of so many callers waits for its answer. */
async function measurePeak(context: Context, callers: number, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let placed = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) if ((await place(context)).status === 201) placed += 1;
    }),
  );
  return (placed * 1_000) / ms;
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

test.serial(
  `overload: three times as much as can be served, for ${seconds} s, what is accepted is served`,
  async (t) => {
    t.timeout(seconds * 5_000 + 120_000);
    const { context } = t;
    const { system, api } = context;
    const memory = (): number => memoryOf(system.pid('api'));
    await measurePeak(context, 200, 3_000);
    const peak = await measurePeak(context, 200, seconds * 1_000);
    const [before, since] = [memory(), performance.now()];
    const [answers, cancels]: [Promise<Asked>[], Promise<Asked>[]] = [[], []];
    const accepted: Asked[] = [];
    let worst = before;
    for (let number = 0; performance.now() - since < seconds * 1_000; number += 1) {
      const plannedAt = since + (number * 1_000) / (3 * peak);
      const early = plannedAt - performance.now();
      if (early > 1) await sleep(early);
      const answer = place(context);
      answers.push(answer);
      void answer.then((one) => {
        if (one.status === 201) accepted.push(one);
      });
      const last = number % 50 === 0 ? accepted.pop() : undefined;
      if (last !== undefined) cancels.push(cancel(api, last));
      if (number % 100 === 0) worst = Math.max(worst, memory());
    }
    const offered = (answers.length * 1_000) / (performance.now() - since);
    const outcomes = await Promise.all(answers);
    const elapsed = (performance.now() - since) / 1_000;
    const placed = outcomes.filter(({ status }) => status === 201);
    const goodput = placed.length / elapsed;
    const times = placed.map(({ ms }) => ms);
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    t.log(
      `peak ${Math.round(peak)}/s, offered ${Math.round(offered)}/s, accepted ${Math.round(goodput)}/s ` +
        `(${Math.round((goodput / peak) * 100)} %) p50 ${Math.round(p50)} p99 ${Math.round(p99)} ms; ` +
        `memory grew by ${Math.round(worst - before)} MiB`,
    );
    t.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set([201, 503]));
    if (isMeasured) {
      // On cores that also make the load, asking and refusing take much of what served before: it must not collapse.
      t.true(goodput >= 0.25 * peak);
      t.true(p99 < 2_000);
    }
    t.true(worst - before < 200);
    const cancelled = await Promise.all(cancels);
    const slowest = Math.max(...cancelled.map(({ ms }) => ms));
    t.log(`${cancelled.length} cancels, the slowest ${Math.round(slowest)} ms`);
    t.true(cancelled.length > 0);
    t.deepEqual(
      cancelled.filter(({ status }) => status !== 200 && status !== 202),
      [],
      'cancels pass',
    );
    const metrics = await (await fetch(`${system.internal}/metrics`)).text();
    t.regex(metrics, /^http_requests_shed_total [1-9]/m);
    t.is((await place(context)).status, 201, 'and then all is as before');
    await untilQuiet(system.db, 60_000);
    t.deepEqual(await findBreaks(system.db), []);
  },
);

async function cancel(api: Client, { orderId, customer }: Asked): Promise<Asked> {
  const begun = performance.now();
  const { status } = await api.send({ method: 'DELETE', path: `/orders/${orderId}`, token: customer.token });
  return { status, orderId, customer, ms: performance.now() - begun };
}
