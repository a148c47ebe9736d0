import type { ReservationKind } from '../../domain/ledger/ledger.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Db } from '../../storage/db.ts';
import { creditDeposit, type Crossing, settleWithdrawal } from '../../storage/ledger/posting.ts';
import { lockReservation, type NewReservation, release, reserve } from '../../storage/ledger/reservations.ts';

/** What other modules do with money, each inside a transaction of theirs. Amounts are decimal strings above zero. */
export interface Funds {
  /** Sets funds aside. Throws INSUFFICIENT_FUNDS and moves nothing, or IDEMPOTENCY_CONFLICT for a used id. */
  reserveFunds(tx: Db, kind: Exclude<ReservationKind, 'external'>, wanted: NewReservation): Promise<void>;
  /** Gives back all that a reservation still holds, which may be nothing. Throws RESERVATION_NOT_FOUND. */
  releaseFunds(tx: Db, reservationId: string, reason: string): Promise<void>;
  /** Credits a deposit. It must happen once: the caller moves the deposit's state in the same transaction. */
  creditDeposit(tx: Db, crossing: Crossing, to: { readonly userId: string; readonly asset: string }): Promise<void>;
  /**
   * Pays a withdrawal out of its reservation: `amount` outside, the rest as the house's fee. A second time throws
   * RELEASE_EXCEEDS_RESERVATION.
   */
  settleWithdrawal(tx: Db, crossing: Crossing): Promise<void>;
}

interface Deps {
  readonly clock: Clock;
  readonly newId: NewId;
}

export const createFunds = ({ clock, newId }: Deps): Funds => ({
  async reserveFunds(tx, kind, wanted) {
    const [granted] = await reserve(tx, kind, [wanted], clock());
    if (granted !== true) throw new DomainError('INSUFFICIENT_FUNDS', 'The available balance is too small.');
  },
  async releaseFunds(tx, reservationId, reason) {
    const reservation = await lockReservation(tx, reservationId);
    if (reservation === undefined) throw new DomainError('RESERVATION_NOT_FOUND', 'Nothing is reserved under this id.');
    if (reservation.remaining === '0') return;
    await release(tx, [{ transferId: newId(), reservationId, amount: reservation.remaining, reason }], clock());
  },
  creditDeposit: (tx, crossing, to) => creditDeposit(tx, crossing, to, clock()),
  settleWithdrawal: (tx, crossing) => settleWithdrawal(tx, crossing, clock()),
});
