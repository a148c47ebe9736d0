import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What officers filter by. Plaintext on the server: ids, states and figures, never personal data. */
export const searchAttributes = {
  userId: defineSearchAttributeKey('UserId', SearchAttributeType.KEYWORD),
  caseState: defineSearchAttributeKey('CaseState', SearchAttributeType.KEYWORD),
  asset: defineSearchAttributeKey('Asset', SearchAttributeType.KEYWORD),
  symbol: defineSearchAttributeKey('Symbol', SearchAttributeType.KEYWORD),
  officer: defineSearchAttributeKey('Officer', SearchAttributeType.KEYWORD),
  riskScore: defineSearchAttributeKey('RiskScore', SearchAttributeType.INT),
  amountQuote: defineSearchAttributeKey('AmountQuote', SearchAttributeType.DOUBLE),
  due: defineSearchAttributeKey('Due', SearchAttributeType.DATETIME),
} as const;
