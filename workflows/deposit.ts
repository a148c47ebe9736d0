import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { DepositActivities } from '../activities/deposits.ts';
import { searchAttributes } from '../temporal/names/search-attributes.ts';

const { creditDeposit } = proxyActivities<DepositActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumInterval: '1m' },
});

const endings = {
  credited: 'The amount is in the user’s wallet.',
  unknown: 'No deposit was reported under this id: nothing moved.',
} as const;

/** Takes one reported deposit into its user's wallet, once. */
export async function deposit(depositId: string): Promise<void> {
  const show = (state: string, text: string): void => {
    upsertSearchAttributes([{ key: searchAttributes.caseState, value: state.toUpperCase() }]);
    setCurrentDetails(`### Deposit ${depositId}\n\n${text}`);
  };
  show('confirmed', 'Reported as final; being credited.');
  const outcome = await creditDeposit(depositId);
  show(outcome, endings[outcome]);
}
