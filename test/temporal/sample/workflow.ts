import { allHandlersFinished, condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import { DomainError } from '../../../domain/errors.ts';

export interface SampleActivities {
  refuse(): Promise<void>;
  fail(): Promise<void>;
  /** Unavailable at first. */
  recover(): Promise<string>;
}

const { refuse, fail, recover } = proxyActivities<SampleActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 2, initialInterval: '1ms' },
});

export type Where = 'validator' | 'handler' | 'activity' | 'fault';

export const askUpdate = defineUpdate<string, [Where]>('ask');

/** Goes wrong wherever it is told to. */
export async function sample(where: Where | 'main' | 'recovering' | 'updates'): Promise<string> {
  let asked = 0;
  setHandler(
    askUpdate,
    async (at) => {
      asked += 1;
      if (at === 'handler') throw new DomainError('DECISION_CLOSED', 'It is decided already.', { by: 'olivia' });
      if (at === 'activity') await refuse();
      if (at === 'fault') await fail();
      return 'fine';
    },
    {
      validator: (at) => {
        if (at === 'validator') throw new DomainError('INVALID_DECISION', 'Give a reason.');
      },
    },
  );
  if (where === 'main') throw new DomainError('KYC_NOT_POSSIBLE', 'The case is closed.', { case_id: '1' });
  if (where === 'activity') await refuse();
  if (where === 'fault') await fail();
  if (where === 'recovering') return recover();
  await condition(() => asked === 3 && allHandlersFinished());
  return 'fine';
}
