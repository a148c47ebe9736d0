import test from 'ava';
import { silentLogger } from '../../../platform/log.ts';
import { createIds } from '../../../platform/ids.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { watchStrays } from '../../../services/operations/stray-watch.ts';
import type { Database } from '../../../storage/db.ts';
import { listMissingPartitions } from '../../../storage/partitions/partitions.ts';
import { until } from '../../_support/until.ts';
import { symbol } from '../matcher/market.ts';
import { prepare, years } from './kit.ts';

const partitionsOf = async (db: Database, table: string): Promise<readonly string[]> => {
  const rows = await db.any<{ part: string }>(
    'SELECT part::text FROM partitions.parts($1::regclass) ORDER BY first_id',
    [table],
  );
  return rows.map(({ part }) => part);
};

test('partitions: every partitioned table there is, is kept', async (t) => {
  const { db } = await prepare(t);
  const there = await db.any(
    `SELECT nspname || '.' || relname AS parent
       FROM pg_partitioned_table JOIN pg_class ON oid = partrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
      ORDER BY parent`,
  );
  t.deepEqual(await db.any('SELECT parent FROM partitions.tables ORDER BY parent'), there);
});

test('partitions: a month later, what is ahead is made, and a second time nothing is', async (t) => {
  const { db, keep, errors } = await prepare(t);
  const before = await partitionsOf(db, 'trading.trades');
  const round = await keep('2032-02-25T12:00:00Z');
  t.true(round.made >= 8 + 4 + 13 + 13);
  t.deepEqual(
    (await partitionsOf(db, 'trading.trades')).slice(before.length),
    ['0225', '0226', '0227', '0228', '0229', '0301', '0302', '0303'].map((day) => `trading.trades_2032${day}`),
  );
  t.deepEqual(
    (await partitionsOf(db, 'trading.orders')).slice(-4),
    ['0201', '0301', '0401', '0501'].map((month) => `trading.orders_2032${month}`),
  );
  t.deepEqual(await keep('2032-02-25T12:30:00Z'), { made: 0, archived: 0, strays: 0 });
  t.deepEqual(errors, []);
});

test('partitions: two rounds at once, make each partition once and both succeed', async (t) => {
  const { keep } = await prepare(t);
  const rounds = await Promise.all([keep('2032-02-25T12:00:00Z'), keep('2032-02-25T12:00:00Z')]);
  t.is(rounds[0].made + rounds[1].made, 8 + 4 + 4 + 13 + 13);
});

test('partitions: the last millisecond and the first of days and months, lie on their side of the bound', async (t) => {
  const { db, keep, addOrder, addTrade, partOf } = await prepare(t);
  await keep('2032-02-25T12:00:00Z');
  const months = [
    ['2032-02-29T23:59:59.999Z', '0201'],
    ['2032-03-01T00:00:00.000Z', '0301'],
    ['2032-03-31T23:59:59.999Z', '0301'],
    ['2032-04-01T00:00:00.000Z', '0401'],
  ] as const;
  for (const [at, month] of months) {
    const ids = [await addOrder(at), await addOrder(at, { last: true })];
    for (const id of ids) t.is(await partOf('orders', id), `trading.orders_2032${month}`, `${id} of ${at}`);
  }
  const [buyer, seller] = [await addOrder('2032-02-28T01:00:00Z'), await addOrder('2032-02-28T02:00:00Z')];
  for (const [index, [at, day]] of (
    [
      ['2032-02-28T23:59:59.999Z', '0228'],
      ['2032-02-29T00:00:00.000Z', '0229'],
      ['2032-02-29T23:59:59.999Z', '0229'],
      ['2032-03-01T00:00:00.000Z', '0301'],
    ] as const
  ).entries()) {
    const id = await addTrade(at, buyer, seller, index + 1);
    t.is(await partOf('trades', id), `trading.trades_2032${day}`, at);
  }
  // The very bound, and the id before it.
  const { bound } = await db.one<{ bound: string }>("SELECT partitions.first_id_at('2032-03-01') AS bound");
  t.is(bound.slice(-20), '7000-8000-000000000000'.slice(-20));
  t.is(await partOf('orders', bound), 'trading.orders_20320301');
});

test('partitions: one made while the exchange runs, is as those of the migrations', async (t) => {
  const { db, keep } = await prepare(t);
  const month = new Date().toISOString().slice(0, 7).replace('-', '') + '01';
  await keep('2032-02-25T12:00:00Z');
  const shape = (part: string) =>
    db.one<Record<string, unknown>>(
      `SELECT reloptions,
              (SELECT array_agg(tgname || pg_get_triggerdef(pg_trigger.oid) ORDER BY tgname) FROM pg_trigger
                WHERE tgrelid = pg_class.oid AND NOT tgisinternal) AS triggers,
              (SELECT array_agg(pg_get_constraintdef(c.oid) ORDER BY contype, conname) FROM pg_constraint AS c
                WHERE conrelid = pg_class.oid) AS rules,
              (SELECT array_agg(pg_get_indexdef(indexrelid) ORDER BY 1) FROM pg_index
                WHERE indrelid = pg_class.oid) AS indexes
         FROM pg_class WHERE oid = $1::regclass`,
      [part],
    );
  const plain = async (part: string, suffix: string) =>
    JSON.stringify(await shape(`${part}${suffix}`))
      .replaceAll(suffix, 'X')
      .replace(/"indexes":.*?\]/, (list) =>
        // Names of indexes are cut differently; what they are on is the same.
        list
          .replaceAll(/INDEX \S+ ON/g, 'INDEX ON')
          .split(',')
          .sort()
          .join(','),
      );
  for (const part of ['trading.orders_', 'ledger.transfers_', 'audit.audit_logs_']) {
    t.is(await plain(part, '20320301'), await plain(part, month));
  }
  t.is(
    await plain('trading.trades_', '20320229'),
    await plain('trading.trades_', new Date().toISOString().slice(0, 10).replaceAll('-', '')),
  );
  await t.throwsAsync(db.none('TRUNCATE ledger.transfers_20320301'), { message: /append-only/ });
  await t.throwsAsync(db.none('TRUNCATE audit.audit_logs_20320301'), { message: /append-only/ });
});

const far = '2032-02-25T12:00:00Z';

/** Rows of every table at a time that has no partitions yet. */
async function fillDefaults(kit: Awaited<ReturnType<typeof prepare>>, at: string): Promise<readonly [string, string]> {
  const { db, users, addOrder, addTrade } = kit;
  const [buyer, seller] = [await addOrder(at, { last: true }), await addOrder(at)];
  // One of today as well, which a trade of that time refers to: it lies where it should.
  const old = await addOrder(new Date().toISOString());
  const trades = [await addTrade(at, buyer, seller, 1), await addTrade('2032-02-25T13:00:00Z', old, seller, 2)];
  const id = createIds(() => new Date(at));
  await db.any(`SELECT ledger.credit_deposit($1, $2, 'BTC', 1, 'dev', $3)`, [id(), users[0], at]);
  await db.none(
    `INSERT INTO audit.audit_logs (id, at, actor, action, resource, resource_id, result, trace_id)
     VALUES ($1, $2, 'system', 'test', 'test', '1', 'done', 't')`,
    [id(), at],
  );
  return [buyer, trades[0] ?? ''];
}

const everything = (db: Database) =>
  Promise.all(
    ['trading.orders', 'trading.trades', 'ledger.transfers', 'audit.audit_logs'].map((table) =>
      db.any(`SELECT * FROM ${table} ORDER BY 1`),
    ),
  );

test('partitions: one was missing, its rows are in DEFAULT and seen, and the next round moves them', async (t) => {
  const kit = await prepare(t);
  const { db, keep, partOf, errors } = kit;
  const metrics = createMetrics();
  const watch = watchStrays({ db, log: silentLogger, metrics, everyMs: 20 });
  t.teardown(() => watch.stop());
  const metric = async (table: string): Promise<number | undefined> => {
    const found = await metrics.registry.getSingleMetric('partition_default_rows')?.get();
    return found?.values.find(({ labels }) => labels['table'] === table)?.value;
  };
  const [orderId, tradeId] = await fillDefaults(kit, far);
  t.is(await partOf('orders', orderId), 'trading.orders_default');
  t.is(await partOf('trades', tradeId), 'trading.trades_default');
  await until(async () => (await metric('trading.orders')) === 2 && (await metric('ledger.transfers')) === 1);
  const before = await everything(db);

  const early = await keep(new Date().toISOString());
  t.is(early.strays, 2 + 2 + 1 + 1);
  t.deepEqual(errors, ['Rows lie in DEFAULT partitions']);
  t.is((await keep(far)).strays, 0);
  t.is(await partOf('orders', orderId), 'trading.orders_20320201');
  t.is(await partOf('trades', tradeId), 'trading.trades_20320225');
  t.deepEqual(await everything(db), before);
  await until(async () => (await metric('trading.orders')) === 0 && (await metric('audit.audit_logs')) === 0);

  // In force again.
  await t.throwsAsync(db.none('UPDATE ledger.transfers SET amount = 1'), { message: /append-only/ });
  t.deepEqual(await db.any("SELECT FROM pg_tables WHERE schemaname = 'partitions' AND tablename LIKE 'aside%'"), []);
  await kit.addOrder('2040-01-01T00:00:00Z');
  t.is((await keep('2040-01-15T00:00:00Z')).strays, 0);
});

test('partitions: DEFAULT holds too much to move at once, it stays and is told, the others are made', async (t) => {
  const kit = await prepare(t);
  await fillDefaults(kit, far);
  // One transfer and one line of the audit log are few enough; two orders and two trades are not.
  const round = await kit.keep(far, { mostMoved: 1 });
  t.is(round.strays, 2 + 2);
  t.is(round.made, 7 + 3 + 4 + 13 + 13);
  t.deepEqual([...new Set(kit.errors)].sort(), [
    'A DEFAULT partition holds too many rows to move them now',
    'Rows lie in DEFAULT partitions',
  ]);
  t.is((await kit.keep(far)).strays, 0);
});

test('partitions: somebody holds a lock for minutes, the round gives up its tries and says so', async (t) => {
  const { db, keep } = await prepare(t);
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
  const holding = db.tx(async (tx) => {
    await tx.none('LOCK TABLE ledger.transfers IN SHARE UPDATE EXCLUSIVE MODE');
    await held;
  });
  await t.throwsAsync(keep('2032-02-25T12:00:00Z', { tries: 2 }), { message: /lock timeout/ });
  release(undefined);
  await holding;
  t.deepEqual(await partitionsOf(db, 'trading.trades').then((parts) => parts.at(-1)), 'trading.trades_20320303');
  t.is((await keep('2032-02-25T12:00:00Z')).made, 13);
});

test('archive: old enough, trades go first, then orders that are final and have no trade left', async (t) => {
  const { db, users, keep, addOrder, addTrade } = await prepare(t);
  await keep('2027-03-01T12:00:00Z');
  const april = [await addOrder('2027-04-05T00:00:00Z'), await addOrder('2027-04-06T00:00:00Z')] as const;
  const open = await addOrder('2027-05-31T23:59:59.999Z', { status: 'OPEN' });
  await addTrade('2027-03-05T00:00:00Z', ...april, 1);
  await db.none("INSERT INTO trading.client_order_ids VALUES ($1, 'mine', $2, '', NULL, now())", [users[0], april[0]]);
  const old = { keepMs: years(2) };

  // The trade is not settled: it stays, and so does what it refers to.
  await keep('2029-07-15T00:00:00Z', old);
  t.true((await partitionsOf(db, 'trading.trades')).includes('trading.trades_20270305'));
  t.false((await partitionsOf(db, 'trading.trades')).includes('trading.trades_20270304'));
  t.true((await partitionsOf(db, 'trading.orders')).includes('trading.orders_20270401'));
  t.false((await partitionsOf(db, 'trading.orders')).includes('trading.orders_20270301'));

  await db.none('INSERT INTO ledger.settlement_progress (symbol, settled_seq, updated_at) VALUES ($1, 1, now())', [
    symbol,
  ]);
  t.is((await keep('2029-07-15T00:00:00Z', old)).archived, 0, 'it is in no candle yet');
  await db.none('INSERT INTO trading.candle_progress (symbol, trade_seq, since) VALUES ($1, 1, now())', [symbol]);
  await addTrade('2029-07-14T00:00:00Z', april[0], open, 2);
  await keep('2029-07-15T00:00:00Z', old);
  t.false((await partitionsOf(db, 'trading.trades')).includes('trading.trades_20270305'));
  // A trade of yesterday still refers to an order of April.
  t.true((await partitionsOf(db, 'trading.orders')).includes('trading.orders_20270401'));
  await db.none('DELETE FROM trading.trades WHERE trade_seq = 2');
  await keep('2029-07-15T00:00:00Z', old);
  const left = await partitionsOf(db, 'trading.orders');
  t.false(left.includes('trading.orders_20270401'));
  // May holds an order that is open.
  t.true(left.includes('trading.orders_20270501'));
  await db.none("UPDATE trading.orders SET status = 'CANCELLED' WHERE order_id = $1", [open]);
  t.is((await keep('2029-07-15T00:00:00Z', old)).archived, 1);

  t.is((await db.one<{ n: number }>('SELECT count(*)::int AS n FROM archive.orders_20270401')).n, 2);
  t.is((await db.one<{ n: number }>('SELECT count(*)::int AS n FROM archive.trades_20270305')).n, 1);
  t.is((await db.any('SELECT FROM trading.client_order_ids')).length, 1);
  t.deepEqual(
    await db.any("SELECT FROM pg_constraint WHERE contype = 'f' AND connamespace = 'archive'::regnamespace"),
    [],
  );
});

test('archive: two years are kept, what is younger stays', async (t) => {
  const { db, keep } = await prepare(t);
  await keep('2027-03-01T12:00:00Z');
  const before = await partitionsOf(db, 'trading.trades');
  t.is((await keep('2027-03-01T12:00:00Z', { keepMs: years(2) })).archived, 0);
  t.deepEqual(await partitionsOf(db, 'trading.trades'), before);
});

test('partitions: made by a session in another time zone when clocks are set, the same bounds', async (t) => {
  const { db } = await prepare(t);
  const missingIn = (zone: string) =>
    db.tx(async (tx) => {
      await tx.none('SET LOCAL TimeZone = $1', [zone]);
      return listMissingPartitions(tx, new Date('2032-03-14T05:30:00Z'));
    });
  const [utc, ...others] = await Promise.all(['UTC', 'America/New_York', 'Pacific/Kiritimati'].map(missingIn));
  t.true(utc!.length > 0);
  for (const other of others) t.deepEqual(other, utc);
});
