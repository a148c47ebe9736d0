import { DomainError, invariant } from '../../domain/errors.ts';
import { isFinal, type Order } from '../../domain/trading/order.ts';
import { createBatcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { type KnownOrder, type NewCancel, putCancelAlls, putCancels } from '../../storage/trading/commands.ts';
import { findOrder } from '../../storage/trading/orders.ts';
import type { MarketBook } from './markets.ts';
import type { AwaitOutcome } from './outcomes.ts';
import type { SendCommands } from './sender.ts';

export interface CancellingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly send: SendCommands;
  readonly awaitOutcome: AwaitOutcome;
  readonly batchWindowMs: number;
  readonly batchSize: number;
}

/** What came of a cancel: the order as it is now, and whether it is cancelled or the command is still on its way. */
export interface Cancelled {
  readonly commandId: string;
  readonly order: Order;
  readonly isDone: boolean;
}

/** The end of all a user's orders in one market; `isDone` once they are cancelled. */
export interface CancelledAll {
  readonly commandId: string;
  readonly symbol: string;
  readonly isDone: boolean;
}

export interface Cancelling {
  /**
   * Cancels an order and waits up to a second for it. Committed once it resolves: a cancel that is still on its way
   * will be done. Throws ORDER_NOT_FOUND (also for somebody else's), ORDER_NOT_OPEN or UNAVAILABLE.
   */
  cancel(userId: string, orderId: string): Promise<Cancelled>;
  /** Cancels all a user's orders, in one market or all where he has any, as `cancel` does. Throws MARKET_NOT_FOUND. */
  cancelAll(userId: string, symbol: string | undefined): Promise<readonly CancelledAll[]>;
}

const patienceMs = 1_000;

interface Kept {
  readonly known: KnownOrder | undefined;
  readonly sent: Promise<boolean>;
}

export function createCancelling(deps: CancellingDeps): Cancelling {
  const { db, clock, newId, markets, send, awaitOutcome } = deps;
  const batcher = createBatcher<NewCancel, Kept>({
    run: (cancels) => commit(cancels, deps),
    maxSize: deps.batchSize,
    windowMs: deps.batchWindowMs,
  });

  /** While Redis is away the command waits in PostgreSQL: nobody needs to wait for that. */
  const outcomeOf = async (commandId: string, sent: Promise<boolean>): Promise<string | undefined> =>
    (await sent) ? awaitOutcome(commandId, patienceMs) : undefined;

  return {
    async cancel(userId, orderId) {
      const commandId = newId();
      const { known, sent } = await batcher.add({ commandId, orderId, userId }).catch(unavailableWhenAway);
      if (known === undefined) throw notFound();
      if (isFinal(known.status)) throw notOpen(known.status);
      const outcome = await outcomeOf(commandId, sent);
      if (outcome === 'ORDER_NOT_OPEN') throw notOpen();
      if (outcome === 'ORDER_NOT_FOUND') throw notFound();
      const order = await findOrder(db, userId, { orderId }).catch(unavailableWhenAway);
      invariant(order !== undefined, `order ${orderId} is there`);
      return { commandId, order, isDone: outcome === 'CANCELLED' };
    },

    async cancelAll(userId, symbol) {
      if (symbol !== undefined) await markets.find(symbol);
      const commandIds = (await markets.list()).map(() => newId());
      const at = clock();
      const kept = await putCancelAlls(db, { userId, symbol, commandIds }, at).catch(unavailableWhenAway);
      const sent = send(
        kept.map((command) => ({
          symbol: command.symbol,
          command: { kind: 'CANCEL_ALL', commandId: command.commandId, userId, createdAt: at.getTime() },
        })),
      );
      return Promise.all(
        kept.map(async (command) => ({
          ...command,
          isDone: (await outcomeOf(command.commandId, sent)) === 'DONE',
        })),
      );
    },
  };
}

async function commit(cancels: readonly NewCancel[], { db, clock, send }: CancellingDeps): Promise<readonly Kept[]> {
  const orders = await putCancels(db, cancels, clock());
  const kept = cancels.flatMap(({ commandId, orderId, userId }) => {
    const order = orders.get(commandId);
    if (order === undefined || isFinal(order.status)) return [];
    return [{ symbol: order.symbol, command: { kind: 'CANCEL' as const, commandId, orderId, userId } }];
  });
  const sent = send(kept);
  return cancels.map(({ commandId }) => ({ known: orders.get(commandId), sent }));
}

const notFound = (): DomainError => new DomainError('ORDER_NOT_FOUND', 'You have no order with this id.');

const notOpen = (status?: string): DomainError =>
  new DomainError('ORDER_NOT_OPEN', 'This order is final already. GET it to see how it ended.', {
    ...(status === undefined ? {} : { order_status: status }),
  });
