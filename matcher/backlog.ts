import { batchLimits } from './batch.ts';
import type { Arrival, Fault } from './intake.ts';

/**
 * Commands that wait to be applied, in order. After a batch was refused they stand first again, as suspects, and come
 * in halves until the one that is to blame stands alone and gets its fault.
 */
export interface Backlog {
  readonly size: number;
  /** Commands of a refused batch that are not proven innocent yet. */
  readonly suspects: number;
  add(arrivals: readonly Arrival[]): void;
  /** What the next batch is made of; it waits until `taken`. */
  next(): readonly Arrival[];
  /** So many of `next` are in a batch. */
  taken(count: number): void;
  /** They were committed, in the order they were taken. */
  acquit(count: number): void;
  /** They were refused: they wait again, and behind them what was applied after them. */
  accuse(refused: readonly Arrival[], behind: readonly Arrival[], cause: unknown): void;
  /** Forgets a market's commands. */
  drop(symbol: string): void;
  /** Resolves when fewer commands wait than can be worth holding in memory. */
  room(): Promise<void>;
}

const mostWaiting = 4_096;

/** An empty backlog. Commands are told apart by their stream ids, so that a fault sticks when a command comes again. */
export function createBacklog(): Backlog {
  const faults = new Map<string, Fault>();
  let waiting: readonly Arrival[] = [];
  let suspects = 0;
  let emptied = Promise.withResolvers<undefined>();

  function wait(arrivals: readonly Arrival[]): void {
    waiting = arrivals;
    if (waiting.length < mostWaiting) emptied.resolve(undefined);
  }

  const withFault = (arrival: Arrival): Arrival => {
    const fault = faults.size === 0 ? undefined : faults.get(keyOf(arrival));
    return fault === undefined ? arrival : { ...arrival, fault };
  };

  return {
    get size() {
      return waiting.length;
    },
    get suspects() {
      return suspects;
    },
    add: (arrivals) => wait([...waiting, ...arrivals]),
    next() {
      const count = suspects === 0 ? batchLimits.commands : Math.max(1, Math.floor(suspects / 2));
      return waiting.slice(0, count).map(withFault);
    },
    taken: (count) => wait(waiting.slice(count)),
    acquit(count) {
      suspects = Math.max(0, suspects - count);
    },
    accuse(refused, behind, cause) {
      const [only] = refused;
      if (only !== undefined && refused.length === 1) {
        const key = keyOf(only);
        faults.set(key, graver(faults.get(key), cause instanceof Error ? cause.message : String(cause)));
      }
      suspects = refused.length;
      wait([...refused, ...behind, ...waiting]);
    },
    drop(symbol) {
      suspects = 0;
      wait(waiting.filter((arrival) => arrival.symbol !== symbol));
    },
    async room() {
      if (waiting.length < mostWaiting) return;
      emptied = Promise.withResolvers();
      await emptied.promise;
    },
  };
}

const keyOf = ({ symbol, streamId, text }: Arrival): string => `${symbol} ${streamId ?? text}`;

/** Set aside the gentlest way that was not refused yet. */
function graver(before: Fault | undefined, error: string): Fault {
  if (before === undefined) return { error, level: 1 };
  return { error, level: before.level === 1 ? 2 : 3 };
}
