import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** One line of the audit log. Personal data in `details` is redacted; secrets never enter it. */
export interface AuditRow {
  /** UUIDv7 of about the time of `at`: the log is partitioned by it. */
  readonly id: string;
  readonly at: Date;
  readonly actor: 'user' | 'officer' | 'service' | 'system';
  /** The person or service who acted, when known. */
  readonly userId?: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly resourceId: string;
  readonly result: 'done' | 'refused';
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly ipAddress?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly traceId: string;
}

const sql = { add: sqlFile('add-audit.sql', import.meta.url) };

/** Adds lines to the audit log, in the transaction of what they tell about. Repeating an id changes nothing. */
export async function addAudit(db: Db, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.none(sql.add, { rows: JSON.stringify(rows.map(toRow)) });
}

const toRow = (row: AuditRow) => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  user_id: row.userId,
  action: row.action,
  resource: row.resource,
  resource_id: row.resourceId,
  result: row.result,
  details: row.details ?? {},
  ip_address: row.ipAddress,
  user_agent: row.userAgent,
  trace_id: row.traceId,
});
