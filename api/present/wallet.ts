import type { Reply } from '../../contract/operation.ts';
import type { internalWalletOperations, walletOperations } from '../../contract/wallets.ts';
import type { Balance } from '../../domain/ledger/ledger.ts';
import type { Reserved } from '../../services/ledger/external.ts';
import type { SettledTrade } from '../../services/ledger/settle-trade.ts';
import type { EntriesAnswer } from '../../services/ledger/wallets.ts';
import type { Deposit } from '../../services/payments/deposits.ts';

export const presentBalances = (balances: readonly Balance[]): Reply<typeof walletOperations.wallets> => ({
  items: [...balances],
  next_cursor: null,
});

export const presentEntries = ({
  asset,
  entries,
  next,
}: EntriesAnswer): Reply<typeof walletOperations.walletEntries> => ({
  items: entries.map((entry) => ({
    created_at: entry.createdAt.toISOString(),
    entry_id: entry.transferId,
    journal_id: entry.journalId,
    kind: entry.kind,
    reason: entry.reason,
    asset,
    account: entry.account,
    counter_account: entry.counterAccount,
    amount: entry.amount,
    balance_after: entry.balanceAfter,
  })),
  next_cursor: next ?? null,
});

export const presentDeposit = (deposit: Deposit) => ({
  deposit_id: deposit.depositId,
  asset: deposit.asset,
  amount: deposit.amount,
  rail: deposit.rail,
  reference: deposit.reference,
  status: deposit.state,
  created_at: deposit.createdAt.toISOString(),
  credited_at: deposit.creditedAt?.toISOString() ?? null,
});

export const presentDeposits = (
  deposits: readonly Deposit[],
  limit: number,
): Reply<typeof walletOperations.deposits> => ({
  items: deposits.map(presentDeposit),
  next_cursor: deposits.length < limit ? null : (deposits.at(-1)?.depositId ?? null),
});

export const presentReserved = ({
  reservationId,
  balance,
}: Reserved): Reply<typeof internalWalletOperations.reserveFunds> => ({
  success: true,
  reservation_id: reservationId,
  available_balance: balance.available,
  reserved_balance: balance.reserved,
});

export const presentSettled = (settled: SettledTrade): Reply<typeof internalWalletOperations.settleTrade> => ({
  success: true,
  buyer_ledger_entry_id: settled.buyerEntryId,
  seller_ledger_entry_id: settled.sellerEntryId,
  buyer_balances: [...settled.buyerBalances],
  seller_balances: [...settled.sellerBalances],
});
