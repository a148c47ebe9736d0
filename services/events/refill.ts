import type { Refill } from '../../platform/streams/consumer.ts';
import type { Database } from '../../storage/db.ts';
import { toldBetween } from '../../storage/outbox/told.ts';

const atOnce = 500;

/** What an outbox stream held before one of its entries, as far back as told events are kept. */
export const createRefill = (db: Database, stream: string): Refill =>
  async function* refill(before) {
    let after = '0-0';
    for (;;) {
      const page = await toldBetween(db, { stream, after, before, limit: atOnce });
      const last = page.at(-1);
      if (last === undefined) return;
      yield page.map(({ event }) => event);
      after = last.place;
    }
  };
