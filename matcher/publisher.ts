import type { ChainableCommander, Redis } from 'ioredis';
import { commandField, commandStream } from '../domain/trading/command.ts';
import { marketField, marketStream } from '../domain/trading/feed.ts';
import type { Logger } from '../platform/log.ts';
import { eventField } from '../platform/streams/producer.ts';
import { createBell, pause } from '../platform/wait.ts';
import type { Database } from '../storage/db.ts';
import { loadPublishCursor, readJournal, savePublishCursor } from '../storage/trading/matching-journal.ts';
import { announce, type CommittedBatch } from './announcements.ts';
import type { JournalEvents } from './journal.ts';

export interface PublisherDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly log: Logger;
  readonly symbol: string;
  /** The book's sequence this matcher starts with. */
  readonly bookSeq: number;
}

export interface Publisher {
  /** Says that a batch was committed, up to this entry of the command stream. */
  committed(batch: CommittedBatch, streamId: string): void;
  /** The last batch that is published. */
  readonly cursor: number;
  /** Publishes what is committed and not published yet, as far as Redis is there, and ends. */
  stop(): Promise<void>;
}

/** Events keep for a day or this many entries; older ones are in PostgreSQL. */
const eventsLength = 1_000_000;
const marketLength = 10_000;
const batchesAtOnce = 20;
/** Batches kept in memory while Redis is slow; what is beyond is read from the journal. */
const keptBatches = 200;
const saveEveryMs = 500;
const retryMs = 500;

/**
 * Publishes one market's batches in order, from the journal: a batch that was just committed need not be read back, any
 * other is. At least once: the cursor is saved behind what was published, and repeats have the same ids.
 */
export function publishMarket({ db, redis, log, symbol, bookSeq }: PublisherDeps): Publisher {
  const bell = createBell();
  const stopping = new AbortController();
  const journal = createJournalTail(db, symbol);
  let trimTo: string | undefined;
  let newest = 0;
  let cursor = 0;
  let saved = 0;
  let savedAt = -Infinity;

  async function saveCursor(now: boolean): Promise<void> {
    if (saved === cursor || (!now && performance.now() - savedAt < saveEveryMs)) return;
    savedAt = performance.now();
    await savePublishCursor(db, symbol, cursor);
    saved = cursor;
  }

  async function begin(): Promise<void> {
    cursor = await loadPublishCursor(db, symbol);
    saved = cursor;
    const reset = JSON.stringify({ reset: bookSeq });
    await redis.xadd(marketStream(symbol), 'MAXLEN', '~', marketLength, '*', marketField, reset);
  }

  async function run(): Promise<void> {
    let begun = false;
    while (!stopping.signal.aborted || (begun && cursor < newest)) {
      try {
        if (!begun) await begin();
        begun = true;
        const batches = await journal.after(cursor);
        if (batches.length > 0) await send(redis, symbol, batches, trimTo);
        cursor = batches.at(-1)?.batch ?? cursor;
        await saveCursor(false);
        if (batches.length === 0) await bell.wait(saveEveryMs, stopping.signal);
      } catch (err) {
        log.warn({ err, symbol, component: 'publisher' }, 'Could not publish; it is tried again');
        if (stopping.signal.aborted) return;
        await pause(retryMs, stopping.signal);
      }
    }
  }

  const running = run();
  return {
    committed(batch, streamId) {
      newest = batch.batch;
      trimTo = streamId;
      journal.add(batch);
      bell.ring();
    },
    get cursor() {
      return cursor;
    },
    async stop() {
      stopping.abort();
      await running;
      await saveCursor(true).catch(() => undefined);
    },
  };
}

interface JournalTail {
  /** Remembers a batch that was just committed. */
  add(batch: CommittedBatch): void;
  /** The batches that come next after this one; those before it are forgotten. */
  after(cursor: number): Promise<readonly CommittedBatch[]>;
}

/** The journal, whose newest batches are at hand without reading them. */
function createJournalTail(db: Database, symbol: string): JournalTail {
  let recent: CommittedBatch[] = [];
  return {
    add(batch) {
      if (recent.length < keptBatches) recent.push(batch);
    },
    async after(cursor) {
      recent = recent.filter(({ batch }) => batch > cursor);
      if (recent[0]?.batch === cursor + 1) return recent.slice(0, batchesAtOnce);
      const rows = await readJournal(db, symbol, cursor, batchesAtOnce);
      return rows.map(({ batch, batchTime, events }) => ({
        symbol,
        batch,
        time: batchTime,
        // Written by matchers' commits and by nothing else.
        events: events as JournalEvents,
      }));
    },
  };
}

/**
 * Sends batches in one pipeline, each stream's entries in order, and trims the command stream below `trimTo`. Rejects
 * when one of them did not arrive.
 */
async function send(
  redis: Redis,
  symbol: string,
  batches: readonly CommittedBatch[],
  trimTo: string | undefined,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const batch of batches) addBatch(pipeline, batch);
  if (trimTo !== undefined) pipeline.xtrim(commandStream(symbol), 'MINID', '=', trimTo);
  const replies = (await pipeline.exec()) ?? [];
  const failed = replies.find(([error]) => error !== null)?.[0];
  if (failed !== undefined && failed !== null) throw failed;
}

function addBatch(pipeline: ChainableCommander, batch: CommittedBatch): void {
  const { orders, trades, market } = announce(batch);
  for (const event of orders) addEvent(pipeline, 'order.events', JSON.stringify(event));
  for (const event of trades) addEvent(pipeline, 'trade.events', JSON.stringify(event));
  for (const [id, text, error] of batch.events.d) {
    pipeline.xadd(`${commandStream(batch.symbol)}.dlq`, '*', 'entry_id', id, commandField, text, 'error', error);
  }
  if (market.changes.length > 0 || market.trades.length > 0) {
    const stream = marketStream(batch.symbol);
    pipeline.xadd(stream, 'MAXLEN', '~', marketLength, '*', marketField, JSON.stringify(market));
  }
}

const addEvent = (pipeline: ChainableCommander, stream: string, text: string): ChainableCommander =>
  pipeline.xadd(stream, 'MAXLEN', '~', eventsLength, '*', eventField, text);
