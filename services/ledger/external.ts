import type { Balance } from '../../domain/ledger/ledger.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { parseDecimal } from '../../domain/money.ts';
import type { Database, Db } from '../../storage/db.ts';
import { listBalances } from '../../storage/ledger/balances.ts';
import { findRequest } from '../../storage/ledger/requests.ts';
import { lockReservation, release, reserve } from '../../storage/ledger/reservations.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import type { AssetBook } from './assets.ts';
import { bookId, keyOf } from './ids.ts';
import { balancesChanged } from './notices.ts';
import { noFunds, once } from './once.ts';

/** Funds of one user and asset that another service wants set aside, or given back, under an order id of its own. */
export interface ExternalRequest {
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
  readonly orderId: string;
  readonly reason: string;
}

export interface Reserved {
  readonly reservationId: string;
  readonly balance: Balance;
}

/** The wallet API of other services. It changes `external` reservations only, never a live order's funds. */
export interface ExternalFunds {
  /** Sets funds aside once per order id. Throws INSUFFICIENT_FUNDS (kept for 24 h) or IDEMPOTENCY_CONFLICT. */
  reserve(request: ExternalRequest): Promise<Reserved>;
  /**
   * Gives funds back: all that is left once per order id, or a part of it once per Idempotency-Key. Throws
   * RESERVATION_NOT_FOUND, RELEASE_EXCEEDS_RESERVATION, IDEMPOTENCY_KEY_REQUIRED or IDEMPOTENCY_CONFLICT.
   */
  release(request: ExternalRequest, idempotencyKey: string | undefined): Promise<Reserved>;
}

export interface ExternalDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly assets: AssetBook;
}

export function createExternalFunds({ db, clock, newId, assets }: ExternalDeps): ExternalFunds {
  return {
    async reserve({ userId, asset, orderId, reason, ...given }) {
      const amount = await assets.normalise(asset, given.amount);
      const at = clock();
      const request = { operation: 'reserve', key: orderId, content: [userId, asset, amount, reason] } as const;
      return once<Reserved>(db, request, at, async (tx) => {
        const reservationId = bookId(orderId, at, newId);
        const [granted] = await reserve(tx, 'external', [{ reservationId, userId, asset, amount, reason }], at);
        return granted === true ? changed(tx, { reservationId, userId, asset, at }) : noFunds;
      });
    },

    async release({ userId, asset, orderId, reason, ...given }, idempotencyKey) {
      const amount = await assets.normalise(asset, given.amount);
      const scale = await assets.scaleOf(asset);
      const at = clock();
      const key = idempotencyKey === undefined ? orderId : keyOf(orderId, idempotencyKey);
      const request = { operation: 'release', key, content: [userId, asset, amount, orderId] } as const;
      return once<Reserved>(db, request, at, async (tx) => {
        const reservation = await lockOwn(tx, { userId, asset, orderId });
        const left = parseDecimal(reservation.remaining, scale);
        if (idempotencyKey === undefined && parseDecimal(amount, scale) < left) {
          const hint = 'Send an Idempotency-Key to release a part of a reservation.';
          throw new DomainError('IDEMPOTENCY_KEY_REQUIRED', hint, { remaining: reservation.remaining });
        }
        const { reservationId } = reservation;
        await release(tx, [{ transferId: newId(), reservationId, amount, reason }], at);
        return changed(tx, { reservationId, userId, asset, at });
      });
    },
  };

  /** Tells whoever shows the user's balances, and answers them. */
  async function changed(tx: Db, { reservationId, userId, asset, at }: Change): Promise<Reserved> {
    const notice = { aggregate: `reservation:${reservationId}`, userIds: [userId], at };
    await addToOutbox(tx, [balancesChanged(newId, notice)], at);
    return { reservationId, balance: await balanceOf(tx, userId, asset) };
  }
}

interface Change {
  readonly reservationId: string;
  readonly userId: string;
  readonly asset: string;
  readonly at: Date;
}

/** The id of the reservation that a service made under an order id of its own; undefined when it made none. */
export async function reservationOf(db: Db, orderId: string): Promise<string | undefined> {
  const known = await findRequest(db, { operation: 'reserve', key: orderId });
  return (known?.answer as Reserved | undefined)?.reservationId;
}

async function lockOwn(tx: Db, of: Pick<ExternalRequest, 'userId' | 'asset' | 'orderId'>) {
  const reservationId = await reservationOf(tx, of.orderId);
  const reservation = reservationId === undefined ? undefined : await lockReservation(tx, reservationId);
  if (reservation?.userId !== of.userId || reservation.asset !== of.asset) {
    throw new DomainError('RESERVATION_NOT_FOUND', 'No funds of this user and asset are reserved under this order id.');
  }
  return reservation;
}

/** What a user has of one asset, as the transaction sees it. */
export async function balanceOf(tx: Db, userId: string, asset: string): Promise<Balance> {
  const [balance] = await listBalances(tx, userId, [asset]);
  invariant(balance !== undefined, 'who moved funds has accounts');
  return balance;
}
