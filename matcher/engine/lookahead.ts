import { type Core } from './core.ts';
import { guessEntries, hashId, touchSlots } from './ids.ts';
import { type Order } from './orders.ts';

/**
 * Reads what the next commands will need, and changes nothing: `Book.foresee`. A command alone waits for its order,
 * then for the level and the neighbours that the order names. Each loop here asks for one step of that chain, for all
 * orders, and decides nothing by what it asks for: the processor then waits for many at once, and finds them in its
 * cache when the next loop, or their command, comes.
 */
export function foresee(core: Core, commands: readonly { readonly orderId: string }[]): Int32Array {
  const idHashes = new Int32Array(commands.length);
  for (let index = 0; index < commands.length; index += 1) idHashes[index] = hashId(commands[index]?.orderId ?? '');
  let touched = touchSlots(core.byId, idHashes);
  const orders = guessEntries(core.byId, idHashes);
  for (const order of orders) touched += order.idHash + order.openLots + order.stopSeq;
  for (const order of orders) touched += touch(core, order);
  core.touched = touched;
  return idHashes;
}

/** Reads a word of each line of memory that ending an order reads beside its own. */
function touch({ bids, asks }: Core, order: Order): number {
  const { id, level, ahead, behind, user, place } = order;
  let touched = id.charCodeAt(0) + id.charCodeAt(id.length - 1);
  if (user.orders[place] === order) touched += 1;
  if (level !== undefined) {
    const { bitmaps } = (order.isBuy ? bids : asks).prices;
    touched += level.lots + level.number + (bitmaps[level.leaf] ?? 0);
  }
  if (ahead !== undefined) touched += ahead.idHash;
  if (behind !== undefined) touched += behind.idHash;
  return touched;
}
