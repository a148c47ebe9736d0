import type { Logger } from '../../platform/log.ts';
import { parseEnvelope } from '../../platform/streams/envelope.ts';
import type { StreamTail } from '../../platform/streams/tail.ts';
import { pause } from '../../platform/wait.ts';
import { balancesStream } from '../ledger/notices.ts';

const bustedEvent = 'wallet.trade.busted';
const retryMs = 500;

/** Where it is told that a trade was taken back, among all that happens to balances. */
export const bustStream = balancesStream;

/** The market of a trade that an entry says was taken back; undefined for any other entry. */
export function marketOfBust(text: string, log: Logger): string | undefined {
  // Most entries are others, and not worth parsing.
  if (!text.includes(bustedEvent)) return undefined;
  try {
    const { type, payload } = parseEnvelope(text);
    return type === bustedEvent ? String(payload['symbol']) : undefined;
  } catch (err) {
    log.error({ err }, 'A trade that was taken back could not be read');
    return undefined;
  }
}

/** Has a tail tell what is taken back from now on, as soon as Redis is there. */
export async function followBusts(tail: StreamTail, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      tail.follow(bustStream, await tail.lastId(bustStream));
      return;
    } catch {
      await pause(retryMs, signal);
    }
  }
}
