import {
  circuitBreaker,
  CircuitState,
  ExponentialBackoff,
  halfJitterGenerator,
  handleAll,
  handleWhen,
  type IBreaker,
  isBrokenCircuitError,
  retry,
} from 'cockatiel';

/** How a client bears a service that is slow or away. Times in milliseconds. */
export interface CallLimits {
  /** The breaker opens on more failures in a row than this, when they came within `countMs` of the first. */
  readonly failures: number;
  readonly countMs: number;
  /** For how long nothing is sent once it is open. */
  readonly openMs: number;
  /** So many calls are then let through: it closes when all are answered, and opens again when one fails. */
  readonly trialCalls: number;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** How often a call that failed is sent again, and the wait before the first time: it doubles, with jitter. */
  readonly retries: number;
  readonly retryMs: number;
}

export const standardLimits: CallLimits = {
  failures: 5,
  countMs: 60_000,
  openMs: 30_000,
  trialCalls: 10,
  timeoutMs: 10_000,
  retries: 3,
  retryMs: 100,
};

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Hears what a client does, for metrics. */
export interface CallListener {
  /** The breaker's state, at the start and whenever it changes. */
  state(state: BreakerState): void;
  /** How an attempt ended; `not_sent` when the breaker is open. */
  attempted(operation: string, outcome: 'answered' | 'failed' | 'not_sent'): void;
  /** A call that failed will be sent again. */
  retried(operation: string): void;
}

/** Runs attempts until one is answered; rejects with the last one's error, or BrokenCircuitError. */
export type Calls = <T>(operation: string, attempt: () => Promise<T>) => Promise<T>;

const nameOf: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Retries and a circuit breaker around attempts that are safe to repeat. An attempt fails when it throws; whatever it
 * answers, a refusal too, shows that the service lives. Each attempt counts for the breaker, and one that is not sent
 * is not tried again. Calls beyond the trial ones wait for what becomes of those.
 */
export function createCalls(limits: CallLimits, listener: CallListener): Calls {
  const { openMs, trialCalls, retries, retryMs } = limits;
  const breaker = circuitBreaker(handleAll, {
    breaker: countInARow(limits),
    halfOpenAfter: openMs,
    halfOpenSampling: { calls: trialCalls, threshold: 0 },
  });
  listener.state('closed');
  breaker.onStateChange((state) => listener.state(nameOf[state]));
  const backoff = new ExponentialBackoff({ initialDelay: retryMs, generator: halfJitterGenerator });

  return async (operation, attempt) => {
    // Of its own for each call: its events name no operation.
    const again = retry(
      handleWhen((error) => !isBrokenCircuitError(error)),
      { maxAttempts: retries, backoff },
    );
    again.onRetry(() => listener.retried(operation));
    const told = async () => {
      try {
        const answer = await breaker.execute(attempt);
        listener.attempted(operation, 'answered');
        return answer;
      } catch (error) {
        listener.attempted(operation, isBrokenCircuitError(error) ? 'not_sent' : 'failed');
        throw error;
      }
    };
    return again.execute(told);
  };
}

/** The library's own count is never reset by time. */
function countInARow({ failures, countMs }: CallLimits): IBreaker {
  let since = 0;
  return {
    state: 0,
    success() {
      this.state = 0;
    },
    failure() {
      const isFirst = this.state === 0 || Date.now() - since > countMs;
      if (isFirst) since = Date.now();
      const count = isFirst ? 1 : Number(this.state) + 1;
      this.state = count;
      return count > failures;
    },
  };
}
