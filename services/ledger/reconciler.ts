import { compareCounts, type Edit, type RowCounts } from '../../domain/ledger/edits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { pause } from '../../platform/wait.ts';
import { type Database, snapshot } from '../../storage/db.ts';
import { findOpenCase } from '../../storage/ledger/breaks.ts';
import {
  type CheckState,
  checkQuickly,
  countChanges,
  keepQuickCheck,
  loadCheckState,
  overflowPart,
  remakeCheckpoints,
  rollCheckpoints,
  useOneCore,
} from '../../storage/ledger/checks.ts';
import type { RecordBreaks } from './break-records.ts';
import type { Reconcile } from './reconcile.ts';

export interface Reconciler {
  /** One look at the books: quickly, and fully when the quick look or the time asks for it. */
  check(over?: AbortSignal): Promise<'sound' | 'checked fully'>;
  /** Looks every `everyMs` until `over`: work for a lease. */
  checkUntil(over: AbortSignal): Promise<void>;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly reconcile: Reconcile;
  readonly record: RecordBreaks;
  readonly everyMs: number;
}

/** Transfers younger than that are not taken into the checkpoints: others of their time may still be on their way. */
const marginMs = 10_000;
/** The checkpoints move on so often between two looks. */
const stepsBetween = 10;
/** Full checks take at most this share of the time while the books are sound, and while they are not. */
const soundShare = 0.002;
const brokenShare = 0.1;
/** What was cheap a minute ago need not be: books that begin grow fast. */
const leastBetweenMs = 10 * 60_000;

/** What a quick look found. */
interface Look {
  readonly counts: RowCounts;
  readonly edits: readonly Edit[];
  /** Accounts and assets that do not agree. */
  readonly wrong: readonly string[];
  readonly isDoubtful: boolean;
}

/**
 * Watches the books. The quick look costs what was moved since the one before, however long the history is: balances
 * against checkpoints and the transfers since, sums against zero, and whether PostgreSQL counted a changed transfer. It
 * accuses nobody: what it doubts, the full check judges and names. That is made anyhow as often as it is cheap.
 */
export function createReconciler(deps: Deps): Reconciler {
  const { db, clock, log, reconcile, record, everyMs } = deps;
  const gauges = createGauges(deps.metrics);

  async function checkFully({ counts, edits, wrong }: Look, { through, fullWanted }: CheckState, over?: AbortSignal) {
    const started = performance.now();
    const { breaks, statement } = await reconcile(over);
    const ms = Math.round(performance.now() - started);
    gauges.breaks.set(await record({ breaks, edits, counts, statementAt: statement?.readAt, ms }));
    if (breaks.length > 0 || (wrong.length === 0 && through !== undefined && !fullWanted)) return;
    if (wrong.length > 0) log.warn({ subjects: wrong }, 'Transfers came late: the checkpoints are made anew');
    await remakeCheckpoints(db, new Date(clock().getTime() - marginMs));
  }

  async function check(over?: AbortSignal): Promise<'sound' | 'checked fully'> {
    const state = await loadCheckState(db);
    const look = await lookQuickly(db, state);
    const isBroken = (await findOpenCase(db)) !== undefined;
    const at = clock();
    const isDue = (share: number, leastMs: number): boolean =>
      at.getTime() - (state.fullAt?.getTime() ?? 0) >= Math.max(state.fullMs / share, leastMs);
    const isDueByTime = isBroken ? isDue(brokenShare, 0) : isDue(soundShare, leastBetweenMs);
    const isWanted = look.isDoubtful ? !isBroken || isDueByTime : state.fullWanted || isDueByTime;
    if (isWanted) await checkFully(look, state, over);
    if (!look.isDoubtful) {
      await moveOn();
      if (!isWanted && !isBroken) await keepQuickCheck(db, { counts: look.counts, at });
    }
    const { soundAt, statementAt } = await loadCheckState(db);
    gauges.soundAt.set((soundAt?.getTime() ?? 0) / 1_000);
    gauges.statementAt.set((statementAt?.getTime() ?? 0) / 1_000);
    return isWanted ? 'checked fully' : 'sound';
  }

  /** In small steps: all that came between two looks, read at once, made traders wait for half a second. */
  async function moveOn(): Promise<void> {
    const { through } = await loadCheckState(db);
    const to = new Date(clock().getTime() - marginMs);
    if (through !== undefined && to > through) await rollCheckpoints(db, through, to);
  }

  return {
    check,
    async checkUntil(over) {
      for (let step = 0; !over.aborted; step += 1) {
        await (step % stepsBetween === 0 ? check(over) : moveOn()).catch((err: unknown) => {
          if (!over.aborted) log.warn({ err, component: 'reconciler' }, 'The books could not be checked');
        });
        await pause(everyMs / stepsBetween, over);
      }
      // Only the active one's figures mean something.
      gauges.breaks.set(0);
      gauges.soundAt.set(0);
      gauges.statementAt.set(0);
    },
  };
}

/** In one snapshot; PostgreSQL's counts are of about now. */
async function lookQuickly(db: Database, { through, counts: before }: CheckState): Promise<Look> {
  return db.tx({ mode: snapshot, tag: 'quick-check' }, async (tx) => {
    await useOneCore(tx);
    const counts = await countChanges(tx);
    const { edits, isDoubtful } = compareCounts(before, counts, overflowPart);
    const wrong = through === undefined ? [] : await checkQuickly(tx, through);
    const doubts = isDoubtful || edits.length + wrong.length > 0 || through === undefined;
    return { counts, edits, wrong, isDoubtful: doubts };
  });
}

const createGauges = (metrics: Metrics) => ({
  breaks: metrics.gauge('reconciliation_breaks', 'What did not agree in the books when they were last checked fully'),
  soundAt: metrics.gauge('reconciliation_sound_timestamp_seconds', 'When a check of the books last found nothing'),
  statementAt: metrics.gauge(
    'reconciliation_statement_timestamp_seconds',
    "When the custodian's statement was last read and compared with the books",
  ),
});
