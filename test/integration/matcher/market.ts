import { commandStream } from '../../../domain/trading/command.ts';
import { createIds } from '../../../platform/ids.ts';
import type { Db } from '../../../storage/db.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';

export const symbol = 'BTC/USDT';
export const stream = commandStream(symbol);
export const newId = createIds(() => new Date());

/** One market, ticks of 0.01 USDT and lots of 0.0001 BTC, and users that have plenty of both. */
export async function seedMarket(db: Db, users: readonly string[]): Promise<void> {
  await addAssets(db, [
    { asset: 'BTC', scale: 8, name: 'Bitcoin' },
    { asset: 'USDT', scale: 6, name: 'Tether' },
  ]);
  await db.none(
    `INSERT INTO trading.markets (symbol, base, quote, tick_size, lot_size, min_price, max_price, min_quantity,
       max_quantity, min_notional, collar_percent, price_band_percent, maker_fee_bps, taker_fee_bps, initial_price,
       status, created_at, updated_at)
     VALUES ($1, 'BTC', 'USDT', 0.01, 0.0001, 0.01, 1000000, 0.0001, 1000, 0, 5, 50, 10, 20, 100,
        'ACTIVE', now(), now())`,
    [symbol],
  );
  await db.none('INSERT INTO trading.market_state (symbol) VALUES ($1)', [symbol]);
  await db.any(
    `SELECT ledger.ensure_accounts(array_agg(owner), array_agg(asset))
       FROM unnest($1::uuid[]) AS owner, unnest('{BTC,USDT}'::text[]) AS asset`,
    [users],
  );
  for (const user of users) {
    for (const asset of ['BTC', 'USDT']) {
      await db.any('SELECT ledger.credit_deposit($1, $2, $3, 1000000000, $4, now())', [newId(), user, asset, 'dev']);
    }
  }
}
