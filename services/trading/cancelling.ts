import { DomainError, invariant } from '../../domain/errors.ts';
import { isFinal, type Order } from '../../domain/trading/order.ts';
import { createBatcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import {
  type KeptCommand,
  type KnownOrder,
  type NewCancel,
  type NewCancelAll,
  putCancelAlls,
  putCancels,
} from '../../storage/trading/commands.ts';
import { findOrder, findOrders } from '../../storage/trading/orders.ts';
import type { MarketBook } from './markets.ts';
import type { AwaitOutcome } from './outcomes.ts';
import type { AddressedCommand, SendCommands } from './sender.ts';
import { settleSeveral, type Several, valueOf } from './several.ts';

export interface CancellingDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly markets: MarketBook;
  readonly send: SendCommands;
  readonly awaitOutcome: AwaitOutcome<string>;
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
  /**
   * Cancels several orders as `cancel` does, in one commit if they fit, each with its own result in the order given. An
   * id that could not be read keeps its fault and its place. Throws UNAVAILABLE when that is what came of all.
   */
  cancelEach(userId: string, orderIds: Several<string>): Promise<Several<Cancelled>>;
  /** Cancels all a user's orders, in one market or all where he has any, as `cancel` does. Throws MARKET_NOT_FOUND. */
  cancelAll(userId: string, symbol: string | undefined): Promise<readonly CancelledAll[]>;
}

const patienceMs = 1_000;

interface Kept {
  readonly known: KnownOrder | undefined;
  readonly sent: Promise<boolean>;
}

export function createCancelling(deps: CancellingDeps): Cancelling {
  const { db, log, clock, newId, markets, send, awaitOutcome } = deps;
  const batcher = createBatcher<NewCancel, Kept>({
    run: (cancels) => commit(cancels, deps),
    maxSize: deps.batchSize,
    windowMs: deps.batchWindowMs,
  });

  /** While Redis is away the command waits in PostgreSQL: nobody needs to wait for that. */
  const outcomeOf = async (commandId: string, sent: Promise<boolean>): Promise<string | undefined> =>
    (await sent) ? awaitOutcome(commandId, patienceMs) : undefined;

  /** True once the order is cancelled, false while the command is still on its way. */
  async function carryOut(cancel: NewCancel): Promise<boolean> {
    const { known, sent } = await batcher.add(cancel).catch(unavailableWhenAway);
    if (known === undefined) throw notFound();
    if (isFinal(known.status)) throw notOpen(known.status);
    const outcome = await outcomeOf(cancel.commandId, sent);
    if (outcome === 'ORDER_NOT_OPEN') throw notOpen();
    if (outcome === 'ORDER_NOT_FOUND') throw notFound();
    return outcome === 'CANCELLED';
  }

  return {
    async cancel(userId, orderId) {
      const commandId = newId();
      const isDone = await carryOut({ commandId, orderId, userId });
      const order = await findOrder(db, userId, { orderId }).catch(unavailableWhenAway);
      invariant(order !== undefined, `order ${orderId} is there`);
      return { commandId, order, isDone };
    },

    async cancelEach(userId, orderIds) {
      const commands = orderIds.map(async (read) => {
        const cancel = { commandId: newId(), orderId: valueOf(read), userId };
        return { ...cancel, isDone: await carryOut(cancel) };
      });
      const settled = await settleSeveral(commands, log);
      const known = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.orderId] : []));
      const orders = await findOrders(db, known).catch(unavailableWhenAway);
      return settled.map((one) => {
        if (one.status === 'rejected') return one;
        const { orderId, commandId, isDone } = one.value;
        const order = orders.get(orderId);
        invariant(order !== undefined, `order ${orderId} is there`);
        return { status: 'fulfilled', value: { commandId, order, isDone } };
      });
    },

    async cancelAll(userId, symbol) {
      if (symbol !== undefined) await markets.find(symbol);
      const commandIds = (await markets.list()).map(() => newId());
      const at = clock();
      const cancel = { userId, symbol, commandIds, reason: 'CANCEL_ALL' } as const;
      const kept = await putCancelAlls(db, cancel, at).catch(unavailableWhenAway);
      const sent = send(kept.map((command) => addressed(command, cancel, at)));
      return Promise.all(
        kept.map(async (command) => ({
          ...command,
          isDone: (await outcomeOf(command.commandId, sent)) === 'DONE',
        })),
      );
    },
  };
}

/** A committed cancel-all on its way to its market's matcher. */
export const addressed = (
  { commandId, symbol }: KeptCommand,
  { userId, reason }: Pick<NewCancelAll, 'userId' | 'reason'>,
  at: Date,
): AddressedCommand => ({
  symbol,
  command: { kind: 'CANCEL_ALL', commandId, userId, createdAt: at.getTime(), reason },
});

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
