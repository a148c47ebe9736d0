import type { CountedDecision, Outcome } from '../../domain/compliance/decision.ts';
import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { sqlFile } from '../sql.ts';

/** What officers decide on. */
export type DecisionSubject = 'kyc' | 'withdrawal' | 'trade' | 'breaks' | 'adjustment';

export interface NewDecision {
  readonly decisionId: string;
  readonly subject: DecisionSubject;
  readonly subjectId: string;
  readonly officerId: string;
  readonly outcome: Outcome;
  readonly revision: string;
  readonly reason: string;
  readonly proof: 'totp' | 'session';
  /** Names the very update or request it came by. */
  readonly binding: string;
  readonly workflowId: string;
  readonly runId: string | null;
  readonly updateId: string | null;
  readonly at: Date;
}

interface DecisionRow {
  readonly officer_id: string;
  readonly outcome: Outcome;
  readonly revision: string;
  readonly decided_at: Date;
}

const sql = {
  add: sqlFile('add-decision.sql', import.meta.url),
  findByBinding: sqlFile('find-decision-by-binding.sql', import.meta.url),
  list: sqlFile('list-decisions.sql', import.meta.url),
};

/** Adds a decision for ever. Throws DECISION_DUPLICATE when the officer decided on these facts before. */
export async function addDecision(db: Db, decision: NewDecision): Promise<void> {
  await db.none(sql.add, decision).catch(translateDbError);
}

export async function findDecisionByBinding(db: Db, binding: string): Promise<CountedDecision | undefined> {
  const row = await db.oneOrNone<DecisionRow>(sql.findByBinding, { binding });
  return row === null ? undefined : toDecision(row);
}

/** The decisions on a case or withdrawal, oldest first. */
export async function listDecisions(
  db: Db,
  of: { readonly subject: DecisionSubject; readonly subjectId: string },
): Promise<readonly CountedDecision[]> {
  return (await db.manyOrNone<DecisionRow>(sql.list, of)).map(toDecision);
}

const toDecision = (row: DecisionRow): CountedDecision => ({
  officerId: row.officer_id,
  outcome: row.outcome,
  revision: row.revision,
  decidedAt: row.decided_at.toISOString(),
});
