import { status } from '@grpc/grpc-js';
import test from 'ava';
import { createWalletService } from '../../../api/grpc/services.ts';
import { createLiabilityHandlers } from '../../../api/rest/handlers/liabilities.ts';
import { createInternalWalletHandlers, createWalletHandlers } from '../../../api/rest/handlers/wallets.ts';
import { DomainError } from '../../../domain/errors.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createLiabilityProofs } from '../../../services/ledger/liability-proofs.ts';
import { createDepositService } from '../../../services/payments/deposits.ts';
import { createLedgerKit, type LedgerKit } from '../ledger/kit.ts';
import { connect, invoke, openGrpc, refusal, type Rpc, serviceToken, withMetadata, withToken } from './kit.ts';

let kit: LedgerKit;
let wallets: Rpc;
let close: () => Promise<void>;

test.before(async () => {
  kit = await createLedgerKit();
  const { db, newId, now: clock, ledger } = kit;
  const deposits = createDepositService({ db, clock, newId, ...ledger, kickOutbox: () => undefined });
  const proofs = createLiabilityProofs({ db, clock, log: silentLogger, keepMs: 86_400_000 });
  const WalletService = createWalletService({
    wallets: {
      ...createInternalWalletHandlers(ledger),
      ...createWalletHandlers(ledger, deposits),
      ...createLiabilityHandlers(proofs),
    },
  });
  const authenticate = () => Promise.reject(new DomainError('UNAUTHENTICATED', 'Nobody is signed in here.'));
  const opened = await openGrpc({ WalletService }, { authenticate });
  wallets = connect(opened.address, 'WalletService');
  close = () => opened.server.close();
});

test.after.always(async () => {
  wallets.close();
  await close();
  await kit.close();
});

const service = withToken(serviceToken);
const keyed = (key: string) => withMetadata({ authorization: `Bearer ${serviceToken}`, 'idempotency-key': key });

test('WalletService: the worked example by its four calls, exactly, and each repeated is answered alike', async (t) => {
  const { newId, userWith } = kit;
  const [buyer, seller] = [await userWith({ USDT: '51000' }), await userWith({ BTC: '1' })];
  const [buyId, sellId] = [newId(), newId()];
  const buy = { user_id: buyer, asset: 'USDT', amount: '51000', order_id: buyId, reason: 'BUY_ORDER' };
  const sell = { user_id: seller, asset: 'BTC', amount: '1', order_id: sellId, reason: 'SELL_ORDER' };
  const reserved = await invoke(wallets, 'Reserve', buy, service);
  t.like(reserved, { success: true, reservation_id: buyId, available_balance: '0', reserved_balance: '51000' });
  t.deepEqual(await invoke(wallets, 'Reserve', buy, service), reserved);
  await invoke(wallets, 'Reserve', sell, service);
  const trade = {
    trade_id: newId(),
    buyer_user_id: buyer,
    seller_user_id: seller,
    buyer_order_id: buyId,
    seller_order_id: sellId,
    base_asset: 'BTC',
    quote_asset: 'USDT',
    quantity: '1',
    price: '50000',
    buyer_fee: '0.001',
    seller_fee: '50',
    buyer_fee_asset: 'BTC',
    seller_fee_asset: 'USDT',
  };
  const settled = await invoke(wallets, 'SettleTrade', trade, service);
  t.like(settled, {
    success: true,
    buyer_balances: [
      { asset: 'BTC', available: '0.999', reserved: '0' },
      { asset: 'USDT', available: '0', reserved: '1000' },
    ],
    seller_balances: [
      { asset: 'BTC', available: '0', reserved: '0' },
      { asset: 'USDT', available: '49950', reserved: '0' },
    ],
  });
  t.deepEqual(await invoke(wallets, 'SettleTrade', trade, service), settled);
  const rest = { ...buy, amount: '1000', reason: 'PRICE_IMPROVEMENT' };
  const released = await invoke(wallets, 'Release', rest, service);
  t.like(released, { success: true, reservation_id: buyId, available_balance: '1000', reserved_balance: '0' });
  t.deepEqual(await invoke(wallets, 'Release', rest, service), released);
  const { items } = await invoke(wallets, 'GetBalances', { user_id: buyer }, service);
  t.deepEqual(items, [
    { asset: 'BTC', available: '0.999', reserved: '0' },
    { asset: 'USDT', available: '1000', reserved: '0' },
  ]);
});

test('WalletService: refusals, have REST’s codes, and a part is released once for its key', async (t) => {
  const { newId, userWith } = kit;
  const user = await userWith({ USDT: '100' });
  const asked = { user_id: user, asset: 'USDT', amount: '60', order_id: newId(), reason: 'BUY_ORDER' };
  const codeOf = async (rpc: string, message: object, metadata = service) =>
    (await refusal(invoke(wallets, rpc, message, metadata))).code;
  t.is(await codeOf('Release', asked), 'RESERVATION_NOT_FOUND');
  await invoke(wallets, 'Reserve', asked, service);
  t.is(await codeOf('Reserve', { ...asked, reason: 'OTHER' }), 'IDEMPOTENCY_CONFLICT');
  t.is(await codeOf('Reserve', { ...asked, order_id: newId() }), 'INSUFFICIENT_FUNDS');
  t.is(await codeOf('Reserve', { ...asked, amount: '1e2' }), 'INVALID_REQUEST');
  t.is(await codeOf('Release', { ...asked, amount: '61' }), 'RELEASE_EXCEEDS_RESERVATION');
  t.is(await codeOf('Release', { ...asked, amount: '20' }), 'IDEMPOTENCY_KEY_REQUIRED');
  const part = await invoke(wallets, 'Release', { ...asked, amount: '20' }, keyed('first'));
  t.like(part, { available_balance: '60', reserved_balance: '40' });
  t.deepEqual(await invoke(wallets, 'Release', { ...asked, amount: '20' }, keyed('first')), part);
  t.is(await codeOf('Release', { ...asked, amount: '21' }, keyed('first')), 'IDEMPOTENCY_CONFLICT');
});

test('WalletService: a caller without the service token, UNAUTHENTICATED at every call', async (t) => {
  for (const rpc of ['Reserve', 'Release', 'SettleTrade', 'GetBalances']) {
    const { status: answered } = await refusal(
      invoke(wallets, rpc, { user_id: kit.newId() }, withToken('x'.repeat(36))),
    );
    t.is(answered, status.UNAUTHENTICATED, rpc);
    t.is((await refusal(invoke(wallets, rpc, {}))).status, status.UNAUTHENTICATED, rpc);
  }
});
