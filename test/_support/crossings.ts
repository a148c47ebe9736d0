import { randomBytes } from 'node:crypto';
import type { Database, Db } from '../../storage/db.ts';
import { creditDeposit, settleWithdrawal } from '../../storage/ledger/posting.ts';
import { reserve } from '../../storage/ledger/reservations.ts';
import { addDeposit, markCredited } from '../../storage/payments/deposits.ts';

interface Crossing {
  readonly id: string;
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
}

/** A deposit over the rail `dev` as its workflow leaves it: credited, row and transfer. */
export const bookDeposit = (db: Database, { id, ...deposit }: Crossing, at: Date): Promise<void> =>
  db.tx(async (tx) => {
    await addDeposit(tx, { ...deposit, depositId: id, rail: 'dev', reference: id }, at);
    await markCredited(tx, id, at);
    await creditDeposit(tx, { id, amount: deposit.amount, rail: 'dev' }, deposit, at);
  });

/** A withdrawal over the rail `dev` that left by a transaction. */
interface Sent extends Crossing {
  readonly hash?: string;
  readonly address?: string;
}

/** The row of a settled withdrawal; its transfer is for the caller to post. */
export async function addSettledWithdrawal(tx: Db, sent: Sent, at: Date): Promise<void> {
  const hash = `0x${randomBytes(32).toString('hex')}`;
  await tx.none(
    `INSERT INTO payments.withdrawals (withdrawal_id, user_id, client_withdrawal_id, asset, amount, address, rail,
       quote_value, state, approvals_needed, raw_bytes, tx_hash, ended_at, created_at, updated_at)
     VALUES ($<id>, $<userId>, $<id>, $<asset>, $<amount>, $<address>, 'dev', 0, 'SETTLED', 0, '', $<hash>, $<at>,
       $<at>, $<at>)`,
    { hash, address: 'dev1destination', ...sent, at },
  );
}

/** A settled withdrawal in the books: reserved, posted, and its row. */
export const bookWithdrawal = (db: Database, { id, ...sent }: Sent, at: Date): Promise<void> =>
  db.tx(async (tx) => {
    await reserve(tx, 'withdrawal', [{ ...sent, reservationId: id, reason: 'WITHDRAWAL' }], at);
    await settleWithdrawal(tx, { id, amount: sent.amount, rail: 'dev' }, at);
    await addSettledWithdrawal(tx, { id, ...sent }, at);
  });
