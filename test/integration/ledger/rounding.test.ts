import test from 'ava';
import fc from 'fast-check';
import type { CommittedTrade } from '../../../domain/ledger/ledger.ts';
import { type Atoms, formatDecimal, parseDecimal } from '../../../domain/money.ts';
import { createUnits } from '../../../matcher/units.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createSettlementService } from '../../../services/settlement/settlement.ts';
import { addAssets } from '../../../storage/ledger/assets.ts';
import { reserve } from '../../../storage/ledger/reservations.ts';
import { type ExtremeTrade, extremeTrade } from '../../_support/extremes.ts';
import { createLedgerKit } from './kit.ts';

/** For a longer run, and other trades. */
const tradeCount = Number(process.env['ROUNDING_TRADES'] ?? 1_000);
const seed = Number(process.env['ROUNDING_SEED'] ?? 1);
const scales = [0, 2, 6, 8, 18];

const kit = await createLedgerKit();
const { db, newId, now, committed, userWith, reconcile } = kit;
test.after.always(() => kit.close());

const settlement = createSettlementService({
  db,
  clock: now,
  newId,
  log: silentLogger,
  kickOutbox: () => undefined,
  trades: {
    listAfter: async (_db, symbol, seq, limit) =>
      committed.filter((trade) => trade.symbol === symbol && trade.tradeSeq > seq).slice(0, limit),
    lastSeq: async (_db, symbol) => committed.filter((trade) => trade.symbol === symbol).length,
  },
});

/** What a column of the ledger holds, less room for the sum of all. */
const most = 10n ** 16n;

/** A trade as the matcher commits it, of two users who have exactly what it takes and reserve it. */
async function made(given: ExtremeTrade, symbol: string, tradeSeq: number): Promise<CommittedTrade> {
  const units = createUnits(given.market);
  const [base, quote] = symbol.split('/') as [string, string];
  const { ticks, lots } = given;
  const [baseAmount, quoteAmount] = [units.quantity(lots), units.quote(ticks * lots)];
  const [buyerUserId, sellerUserId] = [
    await userWith({ [quote]: quoteAmount }),
    await userWith({ [base]: baseAmount }),
  ];
  const [buyerOrderId, sellerOrderId] = [newId(), newId()];
  const reason = 'ORDER';
  const wanted = [
    { reservationId: buyerOrderId, userId: buyerUserId, asset: quote, amount: quoteAmount, reason },
    { reservationId: sellerOrderId, userId: sellerUserId, asset: base, amount: baseAmount, reason },
  ];
  await reserve(db, 'order', wanted, now());
  return {
    tradeId: newId(),
    symbol,
    tradeSeq,
    buyerUserId,
    sellerUserId,
    buyerOrderId,
    sellerOrderId,
    buyerReservationId: buyerOrderId,
    sellerReservationId: sellerOrderId,
    baseAmount,
    quoteAmount,
    buyerFee: units.fee(true, units.buyerFee(lots, given.buyerBps)),
    sellerFee: units.fee(false, units.sellerFee(ticks * lots, given.sellerBps)),
    buyerRelease: '0',
    executedAt: now(),
  };
}

const fits = ({ market, ticks, lots }: ExtremeTrade): boolean => {
  const units = createUnits(market);
  return [units.quantity(lots), units.quote(ticks * lots)].every((text) => BigInt(text.split('.')[0]!) < most);
};

/** Everybody's balance of an asset by kind of account, in atoms. */
async function held(asset: string, scale: number) {
  const rows = await db.many<{ kind: string; total: string }>(
    `SELECT kind, trim_scale(sum(abs(balance)))::text AS total FROM ledger.accounts WHERE asset = $1 GROUP BY kind`,
    [asset],
  );
  const of = (kind: string): Atoms => parseDecimal(rows.find((row) => row.kind === kind)?.total ?? '0', scale);
  return { available: of('available'), reserved: of('reserved'), fees: of('fees'), clearing: of('clearing') };
}

for (const baseScale of scales) {
  for (const quoteScale of scales) {
    test.serial(
      `rounding: settled trades at extremes of scales ${baseScale} and ${quoteScale}, conserve`,
      async (t) => {
        const [base, quote] = [`B${baseScale}Q${quoteScale}`, `Q${quoteScale}B${baseScale}`];
        const symbol = `${base}/${quote}`;
        await addAssets(db, [
          { asset: base, scale: baseScale, name: base },
          { asset: quote, scale: quoteScale, name: quote },
        ]);
        const count = Math.ceil(tradeCount / scales.length ** 2);
        const given = fc.sample(extremeTrade(baseScale, quoteScale).filter(fits), { numRuns: count, seed });
        const due = { base: 0n, quote: 0n, buyerFees: 0n, sellerFees: 0n };
        for (const [index, each] of given.entries()) {
          const trade = await made(each, symbol, index + 1);
          committed.push(trade);
          due.base += parseDecimal(trade.baseAmount, baseScale);
          due.quote += parseDecimal(trade.quoteAmount, quoteScale);
          due.buyerFees += parseDecimal(trade.buyerFee, baseScale);
          due.sellerFees += parseDecimal(trade.sellerFee, quoteScale);
        }
        const state = await settlement.settleTrades(symbol);
        t.like(state, { settledSeq: count, lag: 0, parked: 0 });
        // The house keeps exactly the fees, users exactly the rest, and nothing is anywhere else.
        const inBase = { available: due.base - due.buyerFees, reserved: 0n, fees: due.buyerFees, clearing: due.base };
        t.deepEqual(await held(base, baseScale), inBase, formatDecimal(due.base, baseScale));
        const inQuote = {
          available: due.quote - due.sellerFees,
          reserved: 0n,
          fees: due.sellerFees,
          clearing: due.quote,
        };
        t.deepEqual(await held(quote, quoteScale), inQuote, formatDecimal(due.quote, quoteScale));
        t.true(due.buyerFees > 0n && due.sellerFees > 0n);
      },
    );
  }
}

test.serial('rounding: the books after all of them, are sound', async (t) => {
  const { assets, breaks } = await reconcile();
  t.deepEqual(breaks, []);
  t.is(assets.filter(({ asset }) => /^[BQ]\d/.test(asset)).length, 2 * scales.length ** 2);
});
