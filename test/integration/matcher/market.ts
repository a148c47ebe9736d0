import { assetsOf } from '../../../domain/ledger/ledger.ts';
import { commandStream } from '../../../domain/trading/command.ts';
import { createIds } from '../../../platform/ids.ts';
import type { Db } from '../../../storage/db.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';

export const symbol = 'BTC/USDT';
export const stream = commandStream(symbol);
export const newId = createIds(() => new Date());

/** Markets against USDT, ticks of 0.01 and lots of 0.0001, and users that have plenty of all. */
export async function seedMarket(
  db: Db,
  users: readonly string[],
  symbols: readonly string[] = [symbol],
): Promise<void> {
  const bases = symbols.map((each) => assetsOf(each).base);
  const assets = [...bases, 'USDT'];
  await addAssets(db, [
    ...bases.map((asset) => ({ asset, scale: 8, name: asset })),
    { asset: 'USDT', scale: 6, name: 'Tether' },
  ]);
  await db.none(
    `INSERT INTO trading.markets (symbol, base, quote, tick_size, lot_size, min_price, max_price, min_quantity,
       max_quantity, min_notional, collar_percent, price_band_percent, maker_fee_bps, taker_fee_bps, initial_price,
       status, created_at, updated_at)
     SELECT base || '/USDT', base, 'USDT', 0.01, 0.0001, 0.01, 1000000, 0.0001, 1000, 0, 5, 50, 10, 20, 100,
        'ACTIVE', now(), now()
       FROM unnest($1::text[]) AS base`,
    [bases],
  );
  await db.none('INSERT INTO trading.market_state (symbol) SELECT unnest($1::text[])', [symbols]);
  const pairs = users.flatMap((user) => assets.map((asset) => ({ user, asset, deposit: newId() })));
  const columns = [pairs.map(({ user }) => user), pairs.map(({ asset }) => asset), pairs.map(({ deposit }) => deposit)];
  await db.any('SELECT ledger.ensure_accounts($1::uuid[], $2::text[])', columns.slice(0, 2));
  await db.any(
    `SELECT ledger.credit_deposit(deposit, owner, asset, 1000000000, 'dev', now())
       FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted (owner, asset, deposit)`,
    columns,
  );
  await db.none(
    `INSERT INTO payments.deposits (deposit_id, rail, reference, user_id, asset, amount, state, created_at, credited_at)
     SELECT deposit, 'dev', deposit, owner, asset, 1000000000, 'CREDITED', now(), now()
       FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted (owner, asset, deposit)`,
    columns,
  );
}
