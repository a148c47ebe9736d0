import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** An event that was told, and where it lies in its stream. */
export interface ToldEvent {
  readonly place: string;
  readonly event: EventEnvelope;
}

const sql = {
  lastPlaces: sqlFile('last-places.sql', import.meta.url),
  newest: sqlFile('newest-told.sql', import.meta.url),
  between: sqlFile('told-between.sql', import.meta.url),
  forget: sqlFile('forget-told.sql', import.meta.url),
};

const parts = (place: string): readonly [ms: string, no: string] => {
  const [ms = '0', no = '0'] = place.split('-');
  return [ms, no];
};

/** The place of the newest event that is kept, by stream. */
export async function lastToldPlaces(db: Db): Promise<ReadonlyMap<string, string>> {
  const rows = await db.manyOrNone<{ stream: string; place: string }>(sql.lastPlaces);
  return new Map(rows.map(({ stream, place }) => [stream, place]));
}

/** The newest events told behind a place of a stream, in order. */
export async function newestToldAfter(
  db: Db,
  { stream, after, limit }: { readonly stream: string; readonly after: string; readonly limit: number },
): Promise<readonly ToldEvent[]> {
  const [ms, no] = parts(after);
  return db.manyOrNone<ToldEvent>(sql.newest, { stream, ms, no, limit });
}

export interface ToldRange {
  readonly stream: string;
  readonly after: string;
  readonly before: string;
  readonly limit: number;
}

/** The events told between two places of a stream, in order, at most `limit`. */
export async function toldBetween(db: Db, { stream, after, before, limit }: ToldRange): Promise<readonly ToldEvent[]> {
  const [afterMs, afterNo] = parts(after);
  const [beforeMs, beforeNo] = parts(before);
  return db.manyOrNone<ToldEvent>(sql.between, { stream, afterMs, afterNo, beforeMs, beforeNo, limit });
}

/** Forgets events told before an instant, at most `limit`; answers how many. */
export async function forgetTold(db: Db, before: Date, limit: number): Promise<number> {
  return db.result(sql.forget, { before, limit }, ({ rowCount }) => rowCount);
}
