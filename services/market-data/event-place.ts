import { compareStreamIds } from '../../platform/streams/stream-ids.ts';

/** A place in a stream of events: behind one entry. */
export interface EventPlace {
  /** The entry's id in the stream. */
  readonly id: string;
  /** The end of its event's id: another stream by the same name has another event there. */
  readonly mark: string;
}

/** The place behind an event. */
export const placeBehind = (id: string, eventId: string): EventPlace => ({ id, mark: eventId.slice(-12) });

/** A place as a text that says nothing to its readers. */
export const writePlace = ({ id, mark }: EventPlace): string => Buffer.from(`${id}.${mark}`).toString('base64url');

/** What writePlace wrote; undefined for anything else. */
export function readPlace(cursor: string): EventPlace | undefined {
  const [, id, mark] = /^(\d{1,15}-\d{1,15})\.([^.]{1,12})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return id === undefined || mark === undefined ? undefined : { id, mark };
}

/** When an entry came into its stream, milliseconds. */
export const timeOf = ({ id }: EventPlace): number => Number(id.split('-')[0]);

/** Whether an entry came after another one. */
export const isBehind = (a: EventPlace, b: EventPlace): boolean => compareStreamIds(a.id, b.id) > 0;
