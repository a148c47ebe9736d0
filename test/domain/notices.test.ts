import test from 'ava';
import { noticeOf } from '../../domain/notices.ts';

const of = (type: string, payload: Readonly<Record<string, unknown>>) =>
  noticeOf({ id: 'one', type, timestamp: '2026-01-01T00:00:00.000Z', payload });

test('noticeOf: a credited deposit, shows it and nothing else of the event', (t) => {
  t.deepEqual(of('deposit.credited', { deposit_id: 'd', asset: 'BTC', amount: '1', secret: 'x' }), {
    notice_id: 'one',
    type: 'deposit.credited',
    created_at: '2026-01-01T00:00:00.000Z',
    details: { deposit_id: 'd', asset: 'BTC', amount: '1' },
  });
});

test('noticeOf: the address of a customer, is in no notice', (t) => {
  const notice = of('user.kyc.updated', { email: 'a@example.com', kyc_status: 'verified', old_status: 'pending' });
  t.deepEqual(notice?.details, { kyc_status: 'verified' });
});

const news = test.macro({
  title: (_, type: string, payload: object, isNews: boolean) =>
    `noticeOf: ${type} ${JSON.stringify(payload)}, ${isNews ? 'is' : 'is no'} news`,
  exec: (t, type: string, payload: Readonly<Record<string, unknown>>, isNews: boolean) => {
    t.is(of(type, payload) !== undefined, isNews);
  },
});
test(news, 'user.logged_in', { new_device: true }, true);
test(news, 'user.logged_in', { new_device: false }, false);
test(news, 'user.session.revoked', { session_id: 's', reason: 'theft' }, true);
test(news, 'user.session.revoked', { session_id: 's', reason: 'logout' }, false);
test(news, 'user.registered', {}, false);
test(news, 'toString', {}, false);
