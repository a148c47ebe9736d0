export { registration } from './registration.ts';
export { kycReview } from './kyc-review.ts';
export { cancelAllAfter } from './cancel-all-after.ts';
export { dayEnd } from './day-end.ts';
export { deposit } from './deposit.ts';
export { maintenance } from './maintenance.ts';
export { settlement } from './settlement.ts';
export { withdrawal } from './withdrawal.ts';
