export { registration } from './registration.ts';
export { kycReview } from './kyc-review.ts';
export { deposit } from './deposit.ts';
export { settlement } from './settlement.ts';
export { withdrawal } from './withdrawal.ts';
