import type { Edit, RowCounts } from '../../domain/ledger/edits.ts';
import { processId, processStart } from '../../domain/processes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { Database, Db } from '../../storage/db.ts';
import {
  addBreakCase,
  type KeptBreak,
  listBreaks,
  lockOpenCase,
  mendBreaks,
  type NewBreak,
  putBreaks,
} from '../../storage/ledger/breaks.ts';
import { keepFullCheck, lockChecks } from '../../storage/ledger/checks.ts';
import { createRecorder } from '../identity/records.ts';
import { addToOutbox, type OutboxEntry } from '../../storage/outbox/outbox.ts';
import type { Halts } from './break-cases.ts';
import { breakCaseAggregate, breaksEvent } from './break-events.ts';
import type { Break } from './reconcile.ts';

/** What a full check found, and when it was made. */
export interface Found {
  readonly breaks: readonly Break[];
  /** Rows that PostgreSQL counted as changed or deleted since the check before. */
  readonly edits: readonly Edit[];
  /** Its counts from before the check; undefined: not read. */
  readonly counts?: RowCounts;
  /** When the custodian's statement was read for it; undefined: it was not, and what it said before stays so. */
  readonly statementAt: Date | undefined;
  readonly ms: number;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly halts: Halts;
}

/** Events and log lines about one check, at most: the case has all. */
const mostTold = 20;

/**
 * Keeps what a full check found, in one transaction: what is new is noted in the open case, or in a new one that gets
 * its workflow, and halts withdrawals; what is found no more is mended. Answers how many breaks are open.
 */
export type RecordBreaks = (found: Found) => Promise<number>;

export function createBreakRecorder({ db, clock, newId, log, halts }: Deps): RecordBreaks {
  const record = createRecorder({ newId });

  async function open(tx: Db, caseId: string, fresh: readonly Break[], at: Date): Promise<void> {
    await addBreakCase(tx, caseId, at);
    const what = { action: 'reconciliation.halt', resource: 'break_case', resourceId: caseId };
    const details = { assets: assetsOf(fresh), breaks: fresh.length };
    await record(tx, { ...what, actor: 'system', details, origin: { traceId: caseId.replaceAll('-', '') }, at });
  }

  async function tell(tx: Db, caseId: string, isNew: boolean, fresh: readonly Break[], at: Date): Promise<void> {
    const aggregate = breakCaseAggregate(caseId);
    const workflow: OutboxEntry = isNew
      ? { aggregate, kind: 'start', ...processStart('reconciliationBreak', caseId) }
      : { aggregate, kind: 'signal', workflowId: processId('reconciliationBreak', caseId), signal: 'changed' };
    const told = fresh.slice(0, mostTold);
    const events = fresh.length === 0 ? [] : [breaksEvent('wallet.reconciliation.broken', newId(), caseId, told, at)];
    await addToOutbox(tx, [...events, workflow], at);
  }

  async function keep(tx: Db, found: Found) {
    const at = clock();
    const { breaks, edits, counts, statementAt, ms } = found;
    await lockChecks(tx);
    const openCase = await lockOpenCase(tx);
    const known = openCase === undefined ? [] : await listBreaks(tx, openCase.caseId);
    const judged = judge(found, known, at);
    const { fresh, edited, mended, open: left } = judged;
    await keepFullCheck(tx, { counts, statementAt, sound: left + edits.length === 0, at, ms });
    if (breaks.length + edited.length + mended.length > 0) {
      const caseId = openCase?.caseId ?? newId();
      if (openCase === undefined) await open(tx, caseId, [...fresh, ...edited], at);
      const row = (state: NewBreak['state']) => (each: Break) => ({ ...each, breakId: newId(), state });
      await putBreaks(tx, caseId, [...breaks.map(row('open')), ...edited.map(row('mended'))], at);
      await mendBreaks(tx, mended, at);
      const news = [...fresh, ...edited];
      if (news.length > 0) await halts.halt(tx, assetsOf(news), `reconciliation, case ${caseId}`, at);
      if (news.length + mended.length > 0) await tell(tx, caseId, openCase === undefined, news, at);
    }
    return judged;
  }

  return async (found) => {
    const { fresh, edited, open: left } = await db.tx('record-breaks', (tx) => keep(tx, found));
    for (const { check, subject, assets, finding } of [...fresh, ...edited].slice(0, mostTold)) {
      log.error({ check, subject, assets, finding }, 'The books do not agree');
    }
    return left;
  };
}

const keyOf = ({ check, subject }: Pick<KeptBreak, 'check' | 'subject'>): string => `${check} ${subject}`;

/** All assets, or none when one break puts all in doubt. */
function assetsOf(breaks: readonly Pick<KeptBreak, 'assets'>[]): readonly string[] {
  if (breaks.some(({ assets }) => assets.length === 0)) return [];
  return [...new Set(breaks.flatMap(({ assets }) => assets))].toSorted();
}

/** What is new, what rows were edited, what is found no more, and how many breaks are open. */
function judge({ breaks, edits, statementAt }: Found, known: readonly KeptBreak[], at: Date) {
  const openBefore = known.filter(({ state }) => state === 'open');
  const before = new Set(openBefore.map(keyOf));
  const now = new Set(breaks.map(keyOf));
  const gone = openBefore.filter((each) => !now.has(keyOf(each)));
  // A custodian who is silent takes nothing back.
  const mended = gone.filter(({ check }) => check !== 'statement' || statementAt !== undefined);
  // What was edited is what else is found, or the repair of what was; when nothing is known of it, it may be anything.
  const assets = assetsOf([...breaks, ...known]);
  return {
    fresh: breaks.filter((each) => !before.has(keyOf(each))),
    open: breaks.length + gone.length - mended.length,
    mended: mended.map(({ breakId }) => breakId),
    // It has happened and cannot be mended: officers read of it.
    edited: edits.map(({ part, updated, deleted }) => ({
      check: 'edits' as const,
      subject: `${part}, seen at ${at.toISOString()}`,
      assets,
      finding: `${updated} rows of it were changed and ${deleted} deleted, which nothing of the exchange does`,
    })),
  };
}
