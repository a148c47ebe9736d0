import { crc32 } from 'node:zlib';
import { checksumText, createDepthSide } from '../../../domain/trading/depth.ts';
import type { DepthEvent } from '../../../services/market-data/events.ts';

/** A follower's own book, and every fault its events showed. */
export function createFollower() {
  let sides = { BUY: createDepthSide('BUY'), SELL: createDepthSide('SELL') };
  const seen: DepthEvent[] = [];
  const faults: string[] = [];
  let checked = 0;
  return {
    seen,
    faults,
    get checked() {
      return checked;
    },
    get book() {
      return { bookSeq: seen.at(-1)?.last_sequence, bids: sides.BUY.top(0), asks: sides.SELL.top(0) };
    },
    listen(event: DepthEvent) {
      if (event.type !== 'update') sides = { BUY: createDepthSide('BUY'), SELL: createDepthSide('SELL') };
      else if (event.first_sequence !== (seen.at(-1)?.last_sequence ?? 0) + 1) faults.push('gap');
      for (const [price, quantity] of event.data.bids) sides.BUY.set(price, quantity);
      for (const [price, quantity] of event.data.asks) sides.SELL.set(price, quantity);
      seen.push(event);
      if (event.crc32 === undefined) return;
      checked += 1;
      if (crc32(checksumText(sides.BUY.top(10), sides.SELL.top(10))) !== event.crc32) faults.push('checksum');
    },
  };
}
