import anyTest, { type TestFn } from 'ava';
import { type Catcher, startCatcher } from '../../../gateways/mail/catcher.ts';
import { readInbox } from '../../../gateways/mail/inbox.ts';
import { createSmtpGateway, isMailAway } from '../../../gateways/mail/smtp.ts';
import type { Mail } from '../../../gateways/mail/mail.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createInbox } from '../../../services/events/inbox.ts';
import { createNotifications } from '../../../services/notifications/notifications.ts';
import { createKit, type Kit, newEmail, tokenIn } from '../identity/kit.ts';

interface Context {
  readonly kit: Kit;
  readonly catcher: Catcher;
  /** Handles an event as the consumer does. */
  readonly tell: (event: EventEnvelope) => Promise<void>;
  readonly sent: Mail[];
  readonly mails: (to: string) => Promise<readonly string[]>;
  readonly closeMail: () => void;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const kit = await createKit();
  const catcher = await startCatcher({ host: '127.0.0.1', smtpPort: 0, inboxPort: 0, clock: kit.now });
  const url = `smtp://127.0.0.1:${catcher.smtpPort}`;
  const gateway = createSmtpGateway({ url, from: 'Pandora <no-reply@pandora.example>' });
  const sent: Mail[] = [];
  const mail = {
    async send(letter: Mail) {
      sent.push(letter);
      await gateway.send(letter);
    },
  };
  const inbox = createInbox({ db: kit.db, clock: kit.now, consumer: 'notification' });
  t.context = {
    kit,
    catcher,
    sent,
    closeMail: gateway.close,
    tell: createNotifications({ inbox, mail, identity: kit.identity }),
    async mails(to) {
      const items = await readInbox(`http://127.0.0.1:${catcher.inboxPort}`, to);
      return items.map(({ subject }) => subject);
    },
  };
});
test.after.always(async ({ context }) => {
  context.closeMail();
  await context.catcher.close();
  await context.kit.close();
});

const event = (
  { deps }: Kit,
  user_id: string,
  type: string,
  payload: Readonly<Record<string, unknown>> = {},
): EventEnvelope => ({
  id: deps.newId(),
  type,
  version: 1,
  timestamp: '2026-01-01T12:34:56.000Z',
  trace_id: 'trace',
  user_id,
  payload,
  metadata: { source: 'test' },
});

test.serial('notifications: an event that comes five times, three of them at once, is one letter', async (t) => {
  const { kit, tell, mails, sent } = t.context;
  const { userId, email } = await kit.account();
  const credited = event(kit, userId, 'deposit.credited', { deposit_id: 'd', asset: 'BTC', amount: '1.5' });
  await Promise.all([tell(credited), tell(credited), tell(credited)]);
  const before = sent.length;
  await tell(credited);
  await tell(credited);
  t.is(sent.length, before, 'once handled, nothing is sent');
  t.deepEqual(await mails(email), ['Your deposit of 1.5 BTC has arrived']);
});

test.serial('notifications: a stolen session, is warned of with a link that freezes the account', async (t) => {
  const { kit, tell, sent } = t.context;
  const { identity } = kit;
  const { userId, email } = await kit.account();
  const { refreshToken, sessionId } = await kit.signIn(email);
  const child = await identity.sessions.refresh(refreshToken, { traceId: '0' });
  await identity.sessions.refresh(child.refreshToken, { traceId: '0' });
  await t.throwsAsync(identity.sessions.refresh(refreshToken, { traceId: '0' }));
  await tell(event(kit, userId, 'user.session.revoked', { session_id: sessionId, reason: 'theft' }));
  const letter = sent.find(({ to }) => to === email);
  t.regex(letter?.text ?? '', /https:\/\/exchange\.test\/freeze#token=/);
  await identity.protection.freeze(tokenIn(letter), { traceId: '0' });
  await t.throwsAsync(kit.signIn(email), { message: /frozen/ });
});

test.serial('notifications: a known device, a logout, and what workflows write of, are no letters', async (t) => {
  const { kit, tell, mails } = t.context;
  const { userId, email } = await kit.account();
  await tell(event(kit, userId, 'user.logged_in', { new_device: false }));
  await tell(event(kit, userId, 'user.session.revoked', { session_id: kit.deps.newId(), reason: 'logout' }));
  await tell(event(kit, userId, 'user.kyc.updated', { kyc_status: 'verified' }));
  await tell(event(kit, userId, 'withdrawal.updated', { status: 'SETTLED' }));
  await tell(event(kit, kit.deps.newId(), 'user.password.changed', { email: newEmail() }));
  t.deepEqual(await mails(email), []);
  await tell(event(kit, userId, 'user.password.changed', { email }));
  t.deepEqual(await mails(email), ['Your password was changed']);
});

test.serial('notifications: a corrected balance, says by how much and which way', async (t) => {
  const { kit, tell, sent } = t.context;
  const { userId, email } = await kit.account();
  const adjusted = { adjustment_id: 'a', asset: 'BTC', amount: '1.5' };
  await tell(event(kit, userId, 'balance.adjusted', { ...adjusted, direction: 'CREDIT' }));
  await tell(event(kit, userId, 'balance.adjusted', { ...adjusted, direction: 'DEBIT' }));
  const texts = sent.filter(({ to }) => to === email).map(({ text }) => text);
  t.is(texts.length, 2);
  t.regex(texts[0] ?? '', /1\.5 BTC were added to your wallet/);
  t.regex(texts[1] ?? '', /1\.5 BTC were taken from your wallet/);
});

test.serial(
  'login: on another device than before, its event says so; on the first and on known ones it does not',
  async (t) => {
    const { kit } = t.context;
    const { userId, email } = await kit.account();
    const from = (userAgent: string) =>
      kit.identity.login(
        { email, password: 'a sentence nobody guesses' },
        { traceId: '0', ipAddress: '192.0.2.7', userAgent },
      );
    for (const device of ['one', 'one', 'two', 'two', 'one']) await from(device);
    const told = await kit.db.many<{ on_new: boolean }>(
      `SELECT (payload #>> '{event,payload,new_device}')::boolean AS on_new FROM outbox.entries
      WHERE aggregate = $1 AND payload #>> '{event,type}' = 'user.logged_in' ORDER BY seq`,
      [`user:${userId}`],
    );
    t.deepEqual(
      told.map(({ on_new }) => on_new),
      [false, false, true, false, false],
    );
  },
);

test.serial('mail: nobody listens, is away; a letter that is refused, is not', async (t) => {
  const gateway = createSmtpGateway({ url: 'smtp://127.0.0.1:1', from: 'a@example.com' });
  const letter = { to: 'b@example.com', subject: 'x', text: 'x', messageId: 'x' };
  const error = await t.throwsAsync(gateway.send(letter));
  gateway.close();
  t.true(isMailAway(error));
  t.true(isMailAway({ responseCode: 451, code: 'EENVELOPE' }));
  t.false(isMailAway({ responseCode: 550, code: 'EENVELOPE' }));
  t.false(isMailAway(new Error('a bug')));
});
