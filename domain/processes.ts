/**
 * The processes that take time or people: each is a Temporal workflow, known everywhere by one name and one id.
 *
 * Kept here because services start them, workflows are them, and workers serve them.
 */
export const processes = {
  registration: { queue: 'identity', prefix: 'registration' },
  kycReview: { queue: 'compliance', prefix: 'kyc' },
  withdrawal: { queue: 'payments', prefix: 'withdrawal' },
  deposit: { queue: 'payments', prefix: 'deposit' },
  settlement: { queue: 'settlement', prefix: 'settlement' },
  settlementException: { queue: 'settlement', prefix: 'settlement-exception' },
  /** By schedule: partitions. */
  maintenance: { queue: 'operations', prefix: 'maintenance' },
  /** By schedule: DAY orders of markets that nobody trades on. */
  dayEnd: { queue: 'operations', prefix: 'day-end' },
  /** By schedule: what users have, proven and published. */
  liabilityProof: { queue: 'operations', prefix: 'liability-proof' },
  /** By schedule: the full check of the books. */
  reconciliation: { queue: 'operations', prefix: 'reconciliation' },
  /** What the checks of the books found. */
  reconciliationBreak: { queue: 'operations', prefix: 'reconciliation-break' },
  /** A correction of the books that officers decide on. */
  adjustment: { queue: 'operations', prefix: 'adjustment' },
  /** A user's dead man's switch. */
  cancelAllAfter: { queue: 'operations', prefix: 'cancel-all-after' },
} as const;

export type ProcessName = keyof typeof processes;

/** A port's task queue: its activities run there, and so do the workflows named above. */
export type TaskQueue = (typeof processes)[ProcessName]['queue'];

/** What may be told to a running process. A signal is a hint that something was committed; it carries no facts. */
export type ProcessSignal = 'verified' | 'mailRequested' | 'changed' | 'tradesMatched';

/** `withdrawal:{id}`, `settlement:BTC-USDT`: derived, so that nothing starts twice; never with a slash. */
export const processId = (name: ProcessName, subject: string): string =>
  `${processes[name].prefix}:${subject.replaceAll('/', '-')}`;

export interface ProcessStart {
  readonly workflow: ProcessName;
  readonly workflowId: string;
  readonly queue: TaskQueue;
  /** The only input a workflow has: the id of its row (for `settlement` the symbol). */
  readonly input: string;
}

/** How the process of one subject is started. */
export const processStart = (workflow: ProcessName, subject: string): ProcessStart => ({
  workflow,
  workflowId: processId(workflow, subject),
  queue: processes[workflow].queue,
  input: subject,
});
