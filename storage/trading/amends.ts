import type { AmendableOrder } from '../../domain/trading/amendment.ts';
import { type OrderAmend, writeCommand } from '../../domain/trading/command.ts';
import type { OrderStatus } from '../../domain/trading/order.ts';
import type { Db } from '../db.ts';
import { preparedFile } from '../sql.ts';
import { type PlacedRow, readPlacedOrder } from './matching-lookups.ts';

const sql = {
  findAmendable: preparedFile('find-amendable.sql', import.meta.url),
  putAmends: preparedFile('put-amends.sql', import.meta.url),
};

interface AmendableRow extends PlacedRow {
  readonly symbol: string;
  readonly status: OrderStatus;
  readonly is_triggered: boolean;
  readonly gone_lots: string;
}

/** An order of a user as an amend of it is judged, whatever its status; undefined when there is none such. */
export async function findAmendable(
  db: Db,
  userId: string,
  orderId: string,
): Promise<{ readonly order: AmendableOrder; readonly status: OrderStatus } | undefined> {
  const row = await db.oneOrNone<AmendableRow>(sql.findAmendable({ userId, orderId }));
  if (row === null) return undefined;
  const { symbol, status, is_triggered: isTriggered } = row;
  return { status, order: { ...readPlacedOrder(row), symbol, isTriggered, goneLots: Number(row.gone_lots) } };
}

/** An amend that the rules allow, and what it needs reserved: "0" for nothing. */
export interface NewAmend {
  readonly symbol: string;
  readonly amend: OrderAmend;
  readonly reserveAsset: string;
  readonly reserveAmount: string;
}

/**
 * Commits amends with their reservations, judged in the order given. Answers for each, in that order, whether its funds
 * were there; without them it is not kept. See trading.put_amends() for what it locks.
 */
export async function putAmends(db: Db, amends: readonly NewAmend[], at: Date): Promise<readonly boolean[]> {
  const statement = sql.putAmends({
    commandIds: amends.map(({ amend }) => amend.commandId),
    symbols: amends.map(({ symbol }) => symbol),
    orderIds: amends.map(({ amend }) => amend.orderId),
    userIds: amends.map(({ amend }) => amend.userId),
    contents: amends.map(({ amend }) => writeCommand({ kind: 'AMEND', ...amend })),
    reserveAssets: amends.map(({ reserveAsset }) => reserveAsset),
    reserveAmounts: amends.map(({ reserveAmount }) => reserveAmount),
    at,
  });
  return (await db.manyOrNone<{ is_kept: boolean }>(statement)).map((row) => row.is_kept);
}
