/** What the custodian says of one transfer between the hot wallet and the outside. */
export interface StatementLine {
  readonly direction: 'in' | 'out';
  /** Of what left, its transaction's hash; of what came, the name its rail gives it, as a deposit is reported. */
  readonly reference: string;
  readonly asset: string;
  /** Decimal string. */
  readonly amount: string;
  /** Where it went; of what left only. */
  readonly to?: string;
  readonly at: Date;
}
