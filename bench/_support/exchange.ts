import assert from 'node:assert/strict';
import { findBreaks, type Promised } from '../../test/_support/books.ts';
import { createCustomers, type Customer } from '../../test/_support/load.ts';
import { startSystem, type System } from '../../test/_support/system.ts';
import { untilCalm } from './calm.ts';
import { measureReferences, type References } from './references.ts';

/** A whole exchange of its own, without limits, and what was measured beside it before anything was placed. */
export interface Exchange {
  readonly system: System;
  readonly customers: readonly Customer[];
  readonly references: References;
}

/** Starts an exchange with 200 customers for a benchmark, and stops it afterwards. */
export async function onExchange(run: (exchange: Exchange) => Promise<void>): Promise<void> {
  const system = await startSystem({ LOG_LEVEL: 'warn' }, { own: ['postgres', 'redis', 'temporal'] });
  try {
    const customers = await createCustomers(system.internal, 200);
    await untilCalm(system);
    await run({ system, customers, references: await measureReferences(system.env['DATABASE_URL'] ?? '') });
  } finally {
    await system.stop();
  }
}

/** Throws when books are not sound, an acknowledged order is not kept, or an answer must never be given. */
export async function checkSound(
  { db }: System,
  promised: readonly Promised[],
  wrongAnswers: readonly string[],
): Promise<void> {
  const faults = [...wrongAnswers.slice(0, 5), ...(await findBreaks(db, promised)).slice(0, 10)];
  assert.deepEqual(faults, [], 'the books are sound and no order is lost');
}
