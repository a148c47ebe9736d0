import type { StatementLine } from '../../domain/payments/statement.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** Money that crossed the line to the outside, by the row of a deposit or withdrawal or by a transfer. */
export interface Crossed {
  /** The deposit or withdrawal. */
  readonly journalId: string;
  readonly kind: string;
  readonly outgoing: boolean;
  /** Null of a transfer that no deposit or withdrawal makes so. */
  readonly userId: string | null;
  readonly asset: string;
  readonly amount: string;
  /** Null of a transfer that leaves the clearing accounts alone. */
  readonly rail: string | null;
}

export interface WrongCrossing {
  readonly transferId: string;
  /** By the row; undefined: there is none. */
  readonly noted: Crossed | undefined;
  /** By the transfer; undefined: there is none. */
  readonly posted: Crossed | undefined;
}

/** A statement, and since when either side may not have the other's newest yet. */
export interface StatementToCompare {
  readonly rail: string;
  readonly lines: readonly StatementLine[];
  readonly before: Date;
}

type Content = Pick<StatementLine, 'asset' | 'amount' | 'to'>;

export interface WrongLine {
  readonly direction: StatementLine['direction'];
  readonly reference: string;
  /** The withdrawal or deposit; undefined: there is none. */
  readonly id: string | undefined;
  readonly known: Content | undefined;
  /** How often it is on the statement. */
  readonly times: number;
  readonly line: Content | undefined;
}

/** What left of one asset, in sum. */
export interface SumSent {
  readonly asset: string;
  /** By the statement. */
  readonly stated: string;
  /** By the clearing account. */
  readonly booked: string;
}

interface LineRow {
  readonly direction: StatementLine['direction'];
  readonly reference: string;
  readonly id: string | null;
  readonly times: number | null;
  readonly line_asset: string | null;
  readonly line_amount: string | null;
  readonly line_address: string | null;
  readonly known_asset: string | null;
  readonly known_amount: string | null;
  readonly known_address: string | null;
}

/** Breaks named at most of each kind. */
const limit = 100;

const sql = {
  wrongCrossings: sqlFile('wrong-crossings.sql', import.meta.url),
  wrongLines: sqlFile('wrong-lines.sql', import.meta.url),
  sumsSent: sqlFile('sums-sent.sql', import.meta.url),
};

/** Deposits, withdrawals and transfers over clearing accounts that do not belong together. */
export async function findWrongCrossings(db: Db): Promise<readonly WrongCrossing[]> {
  type Row = { readonly transfer_id: string; readonly noted: Crossed | null; readonly posted: Crossed | null };
  const rows = await db.manyOrNone<Row>(sql.wrongCrossings, { limit });
  return rows.map(({ transfer_id, noted, posted }) => ({
    transferId: transfer_id,
    noted: noted ?? undefined,
    posted: posted ?? undefined,
  }));
}

/** Where withdrawals and deposits are not what the custodian says; see wrong-lines.sql. */
export async function findWrongLines(db: Db, statement: StatementToCompare): Promise<readonly WrongLine[]> {
  const rows = await db.manyOrNone<LineRow>(sql.wrongLines, { ...valuesOf(statement), limit });
  return rows.map((row) => ({
    direction: row.direction,
    reference: row.reference,
    id: row.id ?? undefined,
    known: toContent(row.known_asset, row.known_amount, row.known_address),
    times: row.times ?? 0,
    line: toContent(row.line_asset, row.line_amount, row.line_address),
  }));
}

/** What left, by the statement and by the clearing accounts: equal in sound books. */
export const sumSent = (db: Db, statement: StatementToCompare): Promise<readonly SumSent[]> =>
  db.manyOrNone<SumSent>(sql.sumsSent, valuesOf(statement));

const valuesOf = ({ rail, lines, before }: StatementToCompare) => ({ rail, before, lines: JSON.stringify(lines) });

const toContent = (asset: string | null, amount: string | null, to: string | null): Content | undefined =>
  asset === null || amount === null ? undefined : { asset, amount, ...(to !== null && { to }) };
