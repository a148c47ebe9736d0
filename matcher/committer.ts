import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import { isPassing } from '../storage/db-errors.ts';
import { type Database, isDatabaseAway } from '../storage/db.ts';
import { commitBatch, isFenced } from '../storage/trading/matching-commit.ts';
import { readPositions } from '../storage/trading/matching-state.ts';
import type { Batch } from './batch.ts';
import { engineVersion } from './engine/book.ts';
import { MatcherEnd } from './leases.ts';

export type CommitResult = { readonly committed: true } | { readonly committed: false; readonly cause: unknown };

const retryMs = 200;

/**
 * Commits a batch, whatever becomes of the connection: when the outcome is unknown, the markets' rows tell whether the
 * batch is in, and if not the identical batch is sent again. Answers `committed: false` when PostgreSQL refused it.
 * Throws MatcherEnd when a market is another process' now.
 */
export async function commit(db: Database, log: Logger, batch: Batch, stopping: AbortSignal): Promise<CommitResult> {
  const commits = batch.markets.map((each) => each.commit);
  if (commits.length === 0) return { committed: true };

  /** Where the markets stand, asked until PostgreSQL answers. */
  async function whereItStands(): Promise<'in' | 'out'> {
    for (;;) {
      try {
        const positions = await readPositions(
          db,
          commits.map(({ symbol }) => symbol),
        );
        const standing = commits.map(({ symbol, epoch, batch: before }) => {
          const position = positions.get(symbol);
          if (position?.epoch !== epoch) throw new MatcherEnd(`${symbol} was taken over`);
          return position.batch - before;
        });
        if (standing.every((ahead) => ahead === 1)) return 'in';
        if (standing.every((ahead) => ahead === 0)) return 'out';
        throw new MatcherEnd('The markets of one batch stand apart');
      } catch (error) {
        if (error instanceof MatcherEnd) throw error;
        log.warn({ err: error, component: 'committer' }, 'Could not ask whether a batch is committed');
        if (stopping.aborted) throw new MatcherEnd('Stopped while PostgreSQL was away');
        await pause(retryMs, stopping);
      }
    }
  }

  for (;;) {
    try {
      await commitBatch(db, batch.time, engineVersion, commits);
      return { committed: true };
    } catch (cause) {
      if (isPassing(cause)) continue;
      const fenced = isFenced(cause);
      if (!fenced && !isDatabaseAway(cause)) return { committed: false, cause };
      log.warn({ err: cause, component: 'committer' }, 'The outcome of a commit has to be looked up');
      if ((await whereItStands()) === 'in') return { committed: true };
      // At our epoch and batch, and refused all the same: the book disagrees with the tables.
      if (fenced) return { committed: false, cause };
      await pause(retryMs, stopping);
    }
  }
}
