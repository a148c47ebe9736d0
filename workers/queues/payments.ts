import { createDepositActivities } from '../../activities/deposits.ts';
import { createWithdrawalActivities } from '../../activities/withdrawals.ts';
import { createDevCustody } from '../../gateways/custody/dev-gateway.ts';
import { createLocalLists, sampleLists } from '../../gateways/screening/local-lists.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** Deposits and withdrawals: money that arrives and leaves. */
export const paymentsQueue = ({ config, exchange, mail }: WorkerParts): Serving => ({
  queue: 'payments',
  activities: {
    ...createDepositActivities(exchange.deposits),
    ...createWithdrawalActivities({
      steps: exchange.withdrawals.steps,
      custody: createDevCustody(config.custody.url),
      screening: createLocalLists(sampleLists),
      mail,
    }),
  },
});
