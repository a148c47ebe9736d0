import { type Core } from './core.ts';
import { guessEntries, hashId } from './ids.ts';
import { type Order } from './orders.ts';
import { type OrderCommand } from './types.ts';

/**
 * Reads what the next commands will need, and changes nothing: `Book.foresee`. A command alone waits for its order,
 * then for the level and the neighbours that the order names. The loops here ask for those of many orders before the
 * first has come, so the processor waits for them together, and finds them in its cache when their commands come.
 */
export function foresee(core: Core, commands: readonly (OrderCommand | string)[]): Int32Array {
  const idHashes = new Int32Array(commands.length);
  for (let index = 0; index < commands.length; index += 1) {
    const command = commands[index] ?? '';
    idHashes[index] = hashId(typeof command === 'string' ? command : command.orderId);
  }
  let touched = 0;
  for (const order of guessEntries(core.byId, idHashes)) if (order !== undefined) touched += touch(core, order);
  core.touched = touched;
  return idHashes;
}

/** Reads a word of each line of memory that ending an order reads. */
function touch({ bids, asks }: Core, order: Order): number {
  const { id, level, ahead, behind, openLots, stopSeq } = order;
  let touched = openLots + stopSeq + id.charCodeAt(0) + id.charCodeAt(id.length - 1);
  if (level !== undefined) {
    const { bitmaps } = (order.isBuy ? bids : asks).prices;
    touched += level.lots + level.number + (bitmaps[level.leaf] ?? 0);
  }
  if (ahead !== undefined) touched += ahead.idHash;
  if (behind !== undefined) touched += behind.idHash;
  return touched;
}
