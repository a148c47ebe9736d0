import type { kycOperations } from '../../contract/kyc.ts';
import type { Reply } from '../../contract/operation.ts';
import type { Explanation } from '../../domain/compliance/case.ts';
import type { KycStatus } from '../../domain/identity/user.ts';
import type { CustomerCase } from '../../services/compliance/cases.ts';

/** A case as its customer sees it: no risk, no reason of an officer but what was asked of her. */
export const presentCase = (found: CustomerCase, kycStatus: KycStatus): Reply<typeof kycOperations.kyc> => ({
  case_id: found.caseId,
  kyc_status: kycStatus,
  state: found.state,
  asked: (found.state === 'more_info' ? found.asked : undefined) ?? null,
  submitted_at: found.submittedAt?.toISOString() ?? null,
  updated_at: found.updatedAt.toISOString(),
});

export const presentExplanation = (found: Explanation): Reply<typeof kycOperations.explainKyc> => ({
  text: found.text,
  rule: found.rule,
  next_actor: found.nextActor,
  by: found.by ?? null,
  you_can: [...found.youCan],
});
