import anyTest, { type TestFn } from 'ava';
import { findBreaks, type Promised, untilQuiet } from '../_support/books.ts';
import { createCustomers, startLoad } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<{ system: System; promised: readonly Promised[] }>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, promised: [] };
  const customers = await createCustomers(system.internal, 10);
  const load = startLoad({ targets: [system.rest], customers, rate: 200, amendPercent: 15, listPercent: 10, seed: 1 });
  await until(
    () => load.tally.placed > 200 && load.tally.cancelled > 20 && load.tally.amended > 20 && load.tally.listed > 10,
    30_000,
  );
  await load.stop();
  await untilQuiet(system.db);
  // Nobody may change what is broken and mended here.
  for (const app of ['api', 'matcher', 'workers'] as const) await system.stopApp(app);
  t.context = { system, promised: load.promised() };
});
test.after.always((t) => t.context.system.stop());

test.serial('books: sound after load, nothing is found', async (t) => {
  const { system, promised } = t.context;
  t.true(promised.length > 200);
  t.deepEqual(await findBreaks(system.db, promised), []);
});

test.serial(
  'books: a promise of an order that is not there, of another user or under another id, is found',
  async (t) => {
    const { system, promised } = t.context;
    const [one, two] = promised.filter(({ clientOrderId }) => clientOrderId !== null) as [Promised, Promised];
    const broken = [
      { ...one, orderId: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f' },
      { ...one, clientOrderId: two.clientOrderId },
      { ...one, userId: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f' },
    ];
    for (const each of broken) {
      t.deepEqual(await findBreaks(system.db, [each]), [
        `an acknowledged order is missing or without place: ${each.orderId}`,
      ]);
    }
  },
);

const lastTrade = `(SELECT trade_id FROM trading.trades WHERE symbol = 'BTC/USDT' ORDER BY trade_seq DESC LIMIT 1)`;
/** With a reservation of its own, which the legs of a list have not, and a price, which a stop may not have. */
const anOpenOrder = `(SELECT min(order_id::text)::uuid FROM trading.orders
                      WHERE status = 'OPEN' AND order_list_id IS NULL AND order_type = 'LIMIT')`;
const aFilledOrder = `(SELECT min(order_id::text)::uuid FROM trading.orders WHERE status = 'FILLED')`;
const openTransfers = 'ALTER TABLE ledger.transfers DISABLE TRIGGER transfers_append_only';

/** Each is done in a transaction that is taken back; what must be found of it begins with the sentence. */
const damage: readonly (readonly [title: string, sql: string, sentence: string])[] = [
  [
    'a list without orders',
    `INSERT INTO trading.order_lists
     SELECT gen_random_uuid(), user_id, NULL, symbol, limit_order_id, stop_order_id, created_at
       FROM trading.order_lists LIMIT 1`,
    'a list has not two orders',
  ],
  [
    'a leg that ended, and not the other',
    `UPDATE trading.orders SET status = 'CANCELLED'
      WHERE order_type = 'LIMIT'
        AND order_list_id = (SELECT order_list_id FROM trading.orders
                              WHERE status = 'OPEN' AND order_list_id IS NOT NULL AND stop_price IS NOT NULL
                                AND triggered_at IS NULL LIMIT 1)`,
    'a leg waits whose other one has ended',
  ],
  [
    'an order back to PENDING',
    `UPDATE trading.orders SET status = 'PENDING', created_at = now() - interval '31 s'
      WHERE order_id = ${anOpenOrder}`,
    'an order waits for more than 30 s',
  ],
  [
    'a cancelled order opened again',
    `UPDATE trading.orders SET status = 'OPEN' WHERE reason = 'USER'`,
    'an order whose cancel was accepted is open',
  ],
  [
    'a command without outcome',
    `UPDATE trading.commands SET outcome = NULL, outcome_at = NULL, created_at = now() - interval '31 s'`,
    'a command waits for more than 30 s',
  ],
  [
    'a second order under one client order id',
    `UPDATE trading.orders SET client_order_id = 'twice', user_id = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f'
      WHERE order_id IN (${anOpenOrder}, ${aFilledOrder})`,
    'a client order id has several orders',
  ],
  ['a trade deleted', `DELETE FROM trading.trades WHERE trade_id = ${lastTrade}`, 'trades are not gapless'],
  [
    'a trade numbered twice',
    `UPDATE trading.trades SET trade_seq = trade_seq - 1 WHERE trade_id = ${lastTrade}`,
    'trades are not gapless',
  ],
  [
    'a batch with its trades written twice',
    `UPDATE trading.journal SET events = jsonb_set(events, '{t}', (events -> 't') || (events -> 't'))
      WHERE batch = (SELECT min(batch) FROM trading.journal WHERE jsonb_array_length(events -> 't') > 0)`,
    'a trade is in several batches',
  ],
  [
    'a batch of an older epoch',
    'UPDATE trading.journal SET epoch = 0 WHERE batch = 3',
    'a batch of an older epoch follows a newer one',
  ],
  [
    'a transfer of a trade changed',
    `${openTransfers};
     UPDATE ledger.transfers SET amount = amount + 1 WHERE transfer_id = ledger.leg_id(${lastTrade}, 2)`,
    'trades',
  ],
  [
    'a trade settled again under other ids',
    `INSERT INTO ledger.transfers
     SELECT gen_random_uuid(), journal_id, kind, debit_account_id, credit_account_id, asset, amount,
            debit_balance_after, credit_balance_after, reason, created_at
       FROM ledger.transfers WHERE transfer_id = ledger.leg_id(${lastTrade}, 1)`,
    'a trade was settled again under other ids',
  ],
  [
    'an order with more executed than its trades',
    `UPDATE trading.orders SET fees = fees + 1 WHERE order_id = ${aFilledOrder}`,
    'an order has executed something else than its trades',
  ],
  [
    'a quantity prevented that is not listed',
    `UPDATE trading.orders SET prevented_quantity = 0.0001 WHERE order_id = ${anOpenOrder}`,
    'an order lost something else to self-trade prevention than is listed',
  ],
  [
    'a reservation changed',
    `UPDATE ledger.reservations SET remaining = remaining / 2 WHERE reservation_id = ${anOpenOrder}`,
    'reservations: order',
  ],
  [
    'a reservation without order',
    `UPDATE ledger.reservations SET reservation_id = gen_random_uuid() WHERE reservation_id = ${anOpenOrder}`,
    'reservations: order',
  ],
  [
    'funds of an amend that nobody asked for',
    `UPDATE ledger.reservations SET kind = 'amend' WHERE reservation_id = ${anOpenOrder}`,
    'reservations: amend',
  ],
  [
    'a trade folded twice',
    `UPDATE trading.candles SET trades = trades + 1 WHERE interval = '5m'`,
    'candles hold other trades than those folded',
  ],
  ['a balance changed', `UPDATE ledger.accounts SET balance = balance + 1 WHERE kind = 'fees'`, 'zero-sum'],
  [
    'an open order with another price',
    `UPDATE trading.orders SET price = price - 1 WHERE order_id = ${anOpenOrder}`,
    'the open orders do not give the book',
  ],
  [
    'a batch missing from the journal',
    `DELETE FROM trading.journal WHERE symbol = 'BTC/USDT' AND batch = 2`,
    'the journal lacks a batch',
  ],
  [
    'a batch of another version of the engine',
    'UPDATE trading.journal SET engine_version = 1 WHERE batch = 2',
    'batch 2 is of engine version 1',
  ],
  [
    'a batch that says something else than it did',
    `UPDATE trading.journal SET inputs = '[]' WHERE batch = 2`,
    'a batch replays otherwise',
  ],
];

for (const [title, sql, sentence] of damage) {
  test.serial(`books: ${title}, it is found`, async (t) => {
    const { system, promised } = t.context;
    const rollback = new Error('taken back');
    await t.throwsAsync(
      system.db.tx(async (tx) => {
        await tx.multi(sql);
        // Everything that is checked reads through this transaction.
        const findings = await findBreaks(tx as unknown as System['db'], promised);
        t.true(
          findings.some((finding) => finding.startsWith(sentence)),
          JSON.stringify(findings.slice(0, 5)),
        );
        throw rollback;
      }),
      { is: rollback },
    );
  });
}
