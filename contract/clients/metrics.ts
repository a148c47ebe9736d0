import type { BreakerState, CallListener } from './calls.ts';

/** Where a process makes its metrics; `createMetrics` of the platform is one. */
export interface Meters {
  counter(
    name: string,
    help: string,
    labels: readonly string[],
  ): { inc(labels: Readonly<Record<string, string>>): void };
  gauge(
    name: string,
    help: string,
    labels: readonly string[],
  ): { set(labels: Readonly<Record<string, string>>, value: number): void };
}

const states: readonly BreakerState[] = ['closed', 'open', 'half_open'];

/** Shows what a process's wallet client does in its metrics. */
export function meterWalletCalls(metrics: Meters): CallListener {
  const state = metrics.gauge('wallet_client_breaker', '1 for the state the circuit breaker is in', ['state']);
  const changes = metrics.counter('wallet_client_breaker_changes_total', 'Times it came to a state', ['state']);
  const attempts = metrics.counter('wallet_client_attempts_total', 'Attempts to call, by how they ended', [
    'operation',
    'outcome',
  ]);
  const retries = metrics.counter('wallet_client_retries_total', 'Calls that were sent again', ['operation']);
  return {
    state(now) {
      for (const each of states) state.set({ state: each }, each === now ? 1 : 0);
      changes.inc({ state: now });
    },
    attempted: (operation, outcome) => attempts.inc({ operation, outcome }),
    retried: (operation) => retries.inc({ operation }),
  };
}
