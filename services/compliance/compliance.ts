import { type CaseService, createCases } from './cases.ts';
import { createDecide, type DecideService } from './decide.ts';
import type { ComplianceDeps } from './parts.ts';
import { createReviewSteps, type ReviewSteps } from './review-steps.ts';

/** Who may trade: customers' cases, and what officers decide on them. */
export interface ComplianceService {
  readonly cases: CaseService;
  readonly decide: DecideService;
  /** For the KYC workflow. */
  readonly reviewSteps: ReviewSteps;
}

export const createComplianceService = (deps: ComplianceDeps): ComplianceService => ({
  cases: createCases(deps),
  decide: createDecide(deps),
  reviewSteps: createReviewSteps(deps),
});
