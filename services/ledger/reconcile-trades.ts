import { assetsOf, type CommittedTrade, legId, legs } from '../../domain/ledger/ledger.ts';
import type { Db } from '../../storage/db.ts';
import { findOtherPostings, findUnposted, type Posting } from '../../storage/ledger/reconcile.ts';
import { findProgress } from '../../storage/ledger/settlement.ts';
import type { Break, ReconciliationDeps } from './reconcile.ts';

const pageSize = 5_000;
const settledWithinMs = 5 * 60_000;

/** Trades that are missing, without their orders, not posted in time or otherwise than made; and how many there are. */
export async function findWrongTrades(
  deps: ReconciliationDeps,
  tx: Db,
  over?: AbortSignal,
): Promise<{ readonly count: number; readonly breaks: readonly Break[] }> {
  let count = 0;
  const breaks: Break[] = [];
  for (const symbol of await deps.trades.symbols(tx)) {
    const { settledSeq } = await findProgress(tx, symbol);
    let before: number | undefined;
    let page: readonly CommittedTrade[];
    do {
      over?.throwIfAborted();
      page = await deps.trades.listAfter(tx, symbol, before ?? 0, pageSize);
      breaks.push(...missingIn(page, before), ...(await checkPage(deps, tx, page, settledSeq)));
      breaks.push(...(await orderlessIn(deps, tx, symbol, before, page)));
      before = page.at(-1)?.tradeSeq;
      count += page.length;
    } while (page.length === pageSize);
  }
  return { count, breaks };
}

/** Gaps in the sequence. What is before the first of all trades may be in the archive. */
function missingIn(page: readonly CommittedTrade[], before: number | undefined): readonly Break[] {
  return page.flatMap(({ tradeId, tradeSeq, symbol }, index) => {
    const previous = index === 0 ? before : page[index - 1]?.tradeSeq;
    if (previous === undefined || tradeSeq === previous + 1) return [];
    return [wrong(tradeId, symbol, `${symbol} lacks trade ${previous + 1}`)];
  });
}

async function orderlessIn(
  { trades }: ReconciliationDeps,
  tx: Db,
  symbol: string,
  before: number | undefined,
  page: readonly CommittedTrade[],
): Promise<readonly Break[]> {
  const found = await trades.listOrderless(tx, symbol, before ?? 0, page.at(-1)?.tradeSeq ?? 0);
  return found.map(({ tradeId, orderId }) => wrong(tradeId, symbol, `its order ${orderId} is missing`));
}

async function checkPage(
  { clock }: ReconciliationDeps,
  tx: Db,
  page: readonly CommittedTrade[],
  settledSeq: number,
): Promise<readonly Break[]> {
  const ids = page.map(({ tradeId }) => tradeId);
  const unposted = new Map((await findUnposted(tx, ids)).map(({ tradeId, parked }) => [tradeId, parked]));
  const youngest = clock().getTime() - settledWithinMs;
  const late = page.filter(
    ({ tradeId, tradeSeq, executedAt }) =>
      unposted.get(tradeId) === false && (tradeSeq <= settledSeq || executedAt.getTime() < youngest),
  );
  const posted = page.filter(({ tradeId }) => !unposted.has(tradeId));
  const trades = new Map(posted.map((trade) => [trade.tradeId, trade]));
  const other = await findOtherPostings(tx, posted.flatMap(postingsOf));
  return [
    ...late.map(({ tradeId, symbol, tradeSeq }) => wrong(tradeId, symbol, `${symbol} ${tradeSeq} is not posted`)),
    ...other.map(({ journalId, transferId, asset, amount, wanted }) => {
      const { symbol = '', tradeSeq } = trades.get(journalId) ?? {};
      const found = amount === undefined ? 'is missing' : `moves ${amount}`;
      return wrong(journalId, symbol, `${symbol} ${tradeSeq}: transfer ${transferId} ${found}, not ${wanted} ${asset}`);
    }),
  ];
}

const wrong = (subject: string, symbol: string, finding: string): Break => ({
  check: 'trades',
  subject,
  assets: Object.values(assetsOf(symbol)),
  finding,
});

/** The transfers that post a trade; what is zero has none. */
function postingsOf(trade: CommittedTrade): readonly Posting[] {
  const { base, quote } = assetsOf(trade.symbol);
  const parts: readonly (readonly [leg: number, asset: string, amount: string])[] = [
    [legs.tradeBuy, base, trade.baseAmount],
    [legs.tradeSell, quote, trade.quoteAmount],
    [legs.buyerFee, base, trade.buyerFee],
    [legs.sellerFee, quote, trade.sellerFee],
    [legs.buyerRelease, quote, trade.buyerRelease],
  ];
  return parts
    .filter(([, , amount]) => Number(amount) !== 0)
    .map(([leg, asset, amount]) => ({
      transferId: legId(trade.tradeId, leg),
      journalId: trade.tradeId,
      asset,
      amount,
    }));
}
