import { type ProcessSignal, type ProcessStart, processStart } from '../domain/processes.ts';
import type { Logger } from '../platform/log.ts';
import { createBell, pause } from '../platform/wait.ts';
import type { Database } from '../storage/db.ts';
import { findProgress } from '../storage/ledger/settlement.ts';
import type { Market } from './market.ts';

export interface HintDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly market: () => Market | undefined;
  readonly symbol: string;
  readonly signalWithStart: (start: ProcessStart & { readonly signal: ProcessSignal }) => Promise<void>;
}

export interface SettlementHint {
  /** Says that trades were committed. */
  matched(): void;
  stop(): Promise<void>;
}

/** A settling activity lingers longer than this, so that more hints would only be history. */
const leastGapMs = 1_000;
const repeatMs = 5_000;

/**
 * Tells a market's settlement workflow that there is something to settle: one hint at a time, after commits with
 * trades, and every few seconds while trades are unsettled. Temporal being away delays settlement, never matching.
 */
export function hintSettlement({ db, log, market, symbol, signalWithStart }: HintDeps): SettlementHint {
  const bell = createBell();
  const stopping = new AbortController();
  let told = 0;

  async function tell(): Promise<void> {
    const seq = market()?.book.tradeSeq ?? 0;
    const { settledSeq } = seq > told ? { settledSeq: -1 } : await findProgress(db, symbol);
    if (settledSeq >= seq) return;
    await signalWithStart({ ...processStart('settlement', symbol), signal: 'tradesMatched' });
    told = seq;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tell().catch((err: unknown) => {
        log.warn({ err, symbol, component: 'settlement hint' }, 'Could not hint at settlement; it is tried again');
      });
      await pause(leastGapMs, stopping.signal);
      await bell.wait(repeatMs, stopping.signal);
    }
  }

  const running = run();
  return {
    matched: () => bell.ring(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
