import type { System } from '../../test/_support/system.ts';
import { until } from '../../test/_support/until.ts';

/** Making customers starts workflows; they are over before anything is measured. */
export async function untilCalm({ db, temporal }: System): Promise<void> {
  await until(async () => {
    const { entries } = await db.one<{ entries: number }>('SELECT count(*)::int AS entries FROM outbox.entries');
    const { count } = await temporal.client.workflow.count("ExecutionStatus = 'Running' AND WorkflowType = 'deposit'");
    return entries === 0 && count === 0;
  }, 120_000);
}
