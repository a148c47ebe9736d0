import type { cancelTimerOperations } from '../../../contract/cancel-timers.ts';
import type { Reply } from '../../../contract/operation.ts';
import type { CancelTimer } from '../../../services/trading/cancel-timers.ts';
import type { TradingService } from '../../../services/trading/trading.ts';
import type { Handlers } from '../door.ts';

/** A user's dead man's switches. */
export const createCancelTimerHandlers = ({
  cancelTimers,
}: Pick<TradingService, 'cancelTimers'>): Handlers<typeof cancelTimerOperations> => ({
  async cancelAllAfter({ body: { symbol, seconds } }, { caller }) {
    if (seconds > 0) return present(await cancelTimers.set(caller.userId, symbol, seconds));
    await cancelTimers.switchOff(caller.userId, symbol);
    return { symbol: symbol ?? null, seconds, cancel_at: null };
  },
  async cancelTimers(_, { caller }) {
    return { items: (await cancelTimers.list(caller.userId)).map(present), next_cursor: null };
  },
});

const present = ({ symbol, seconds, cancelAt }: CancelTimer): Reply<typeof cancelTimerOperations.cancelAllAfter> => ({
  symbol: symbol ?? null,
  seconds,
  cancel_at: cancelAt.toISOString(),
});
