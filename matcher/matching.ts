import { createBell } from '../platform/wait.ts';
import { hasArrears } from './arrears.ts';
import { createBacklog } from './backlog.ts';
import type { Arrival } from './intake.ts';
import type { Market } from './market.ts';
import { createPipeline, type PipelineDeps } from './pipeline.ts';

export interface Matching {
  readonly markets: ReadonlyMap<string, Market>;
  add(market: Market): void;
  /** Takes commands in, behind those that wait. */
  take(arrivals: readonly Arrival[]): void;
  /** Resolves when fewer commands wait than can be worth holding in memory. */
  room(): Promise<void>;
  /** Works until `stop`; rejects with MatcherEnd when this process must end. */
  readonly done: Promise<void>;
  /** Ends after the batch that is being committed. */
  stop(): Promise<void>;
}

const quietMs = 1_000;

/**
 * The one loop that changes books: takes what waits, applies it in memory and commits it for all markets at once, one
 * commit at a time, making the next batch meanwhile.
 */
export function startMatching(deps: PipelineDeps): Matching {
  const markets = new Map<string, Market>();
  const backlog = createBacklog();
  const stopping = new AbortController();
  const pipeline = createPipeline(deps, markets, backlog, stopping.signal);
  const bell = createBell();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (backlog.size > 0 || hasArrears(markets)) await pipeline.step();
      else if (pipeline.busy) await pipeline.drain();
      else await bell.wait(quietMs, stopping.signal);
    }
    await pipeline.drain();
  }

  const done = run();
  done.catch(() => undefined);
  return {
    markets,
    done,
    add(market) {
      markets.set(market.symbol, market);
    },
    take(arrivals) {
      backlog.add(arrivals);
      bell.ring();
    },
    async room() {
      await Promise.race([backlog.room(), done]);
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
