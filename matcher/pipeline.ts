import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import { type Database, isDatabaseAway } from '../storage/db.ts';
import type { CommittedBatch } from './announcements.ts';
import { arrearsOf, withoutArrears } from './arrears.ts';
import type { Backlog } from './backlog.ts';
import { type Batch, makeBatch } from './batch.ts';
import { commit, type CommitResult } from './committer.ts';
import { type Arrival, lookUp, type Lookups } from './intake.ts';
import type { Market } from './market.ts';
import type { MatcherMetrics } from './metrics.ts';

export interface PipelineDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: MatcherMetrics;
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Loads a market as it was committed; undefined when it cannot be served any more. */
  readonly reload: (market: Market) => Promise<Market | undefined>;
  readonly onCommitted: (batch: CommittedBatch, streamId: string) => void;
}

/** Two stages: one batch is being committed while the next is made. */
export interface Pipeline {
  /** Makes the next batch, and starts to commit it when the one before it is in. */
  step(): Promise<void>;
  /** Waits for the commit on its way. */
  drain(): Promise<void>;
  /** A commit is on its way. */
  readonly busy: boolean;
}

const retryMs = 200;

interface Flying {
  readonly batch: Batch;
  readonly started: number;
  readonly result: Promise<CommitResult>;
}

/**
 * Takes batches from the backlog to PostgreSQL. The books it changes are `markets`, which nothing else may touch; a
 * batch that is refused goes back to the backlog, and its books are loaded anew. Rejects with MatcherEnd when this
 * process must end.
 */
export function createPipeline(
  deps: PipelineDeps,
  markets: Map<string, Market>,
  backlog: Backlog,
  stopping: AbortSignal,
): Pipeline {
  const { db, log, metrics } = deps;
  let flying: Flying | undefined;

  async function step(): Promise<void> {
    const arrivals = [...arrearsOf(markets), ...backlog.next()];
    const lookups = await lookUpPatiently(deps, markets, arrivals, stopping);
    if (lookups === undefined) return;
    const started = performance.now();
    const batch = makeBatch(markets, arrivals, lookups, deps.now());
    metrics.applied(batch, (performance.now() - started) / 1_000);
    backlog.taken(withoutArrears(batch.arrivals).length);
    if (!(await land(batch))) return;
    flying = { batch, started, result: commitBehind(db, log, batch, stopping) };
    // Suspects go alone: what comes next depends on whether these are refused.
    if (backlog.suspects > 0) await land();
  }

  /**
   * Waits for the batch on its way, and goes on from it. False when it was refused: the books have gone further than
   * PostgreSQL will, so what was applied behind it waits again as well.
   */
  async function land(behind?: Batch): Promise<boolean> {
    if (flying === undefined) return true;
    const { batch, started } = flying;
    const result = await flying.result;
    flying = undefined;
    if (!result.committed) {
      log.error({ err: result.cause, commands: batch.arrivals.length }, 'PostgreSQL refused a batch');
      metrics.refused();
      backlog.accuse(withoutArrears(batch.arrivals), withoutArrears(behind?.arrivals ?? []), result.cause);
      const stale = new Set([...batch.markets, ...(behind?.markets ?? [])].map(({ market }) => market));
      for (const market of stale) await reload(market);
      return false;
    }
    backlog.acquit(withoutArrears(batch.arrivals).length);
    for (const { market, commit: made, events } of batch.markets) {
      const { symbol } = market;
      deps.onCommitted({ symbol, batch: made.batch + 1, time: batch.time, events }, made.streamId);
    }
    metrics.committed(batch, (performance.now() - started) / 1_000, backlog.size);
    return true;
  }

  async function reload(market: Market): Promise<void> {
    const loaded = await deps.reload(market);
    if (loaded !== undefined) {
      markets.set(market.symbol, loaded);
      return;
    }
    markets.delete(market.symbol);
    backlog.drop(market.symbol);
  }

  return {
    step,
    async drain() {
      await land();
    },
    get busy() {
      return flying !== undefined;
    },
  };
}

/** Starts a commit that nobody waits for yet: a rejection is heard of by whoever lands the batch. */
function commitBehind(db: Database, log: Logger, batch: Batch, stopping: AbortSignal): Promise<CommitResult> {
  const result = commit(db, log, batch, stopping);
  result.catch(() => undefined);
  return result;
}

/** What the arrivals need to know, asked until PostgreSQL answers; undefined when this process stops before. */
async function lookUpPatiently(
  { db, log }: PipelineDeps,
  markets: ReadonlyMap<string, Market>,
  arrivals: readonly Arrival[],
  stopping: AbortSignal,
): Promise<Lookups | undefined> {
  while (!stopping.aborted) {
    try {
      return await lookUp(db, markets, arrivals);
    } catch (err) {
      if (!isDatabaseAway(err)) throw err;
      log.warn({ err, component: 'pipeline' }, 'Could not look up what a batch needs');
      await pause(retryMs, stopping);
    }
  }
  return undefined;
}
