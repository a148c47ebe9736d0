import { createKycActivities } from '../../activities/kyc.ts';
import { createOfficerActivities } from '../../activities/officers.ts';
import { createLocalLists, sampleLists } from '../../gateways/screening/local-lists.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** KYC reviews, and the proof of officers for every kind of decision. */
export const complianceQueue = ({ exchange, mail }: WorkerParts): Serving => ({
  queue: 'compliance',
  activities: {
    ...createKycActivities({ steps: exchange.compliance.reviewSteps, screening: createLocalLists(sampleLists), mail }),
    ...createOfficerActivities({
      kyc: exchange.compliance.decide.byCode,
      withdrawal: exchange.withdrawals.decide,
      trade: exchange.settlementExceptions.bust,
      breaks: exchange.breakCases.close,
      adjustment: exchange.adjustments.decide,
    }),
  },
});
