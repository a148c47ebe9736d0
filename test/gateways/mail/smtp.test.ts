import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { startCatcher } from '../../../gateways/mail/catcher.ts';
import { createSmtpGateway } from '../../../gateways/mail/smtp.ts';

const sentAt = new Date('2026-01-01T00:00:00Z');

async function inboxOf(port: number, to: string): Promise<unknown[]> {
  const response = await fetch(`http://127.0.0.1:${port}/mails?to=${encodeURIComponent(to)}`);
  return ((await response.json()) as { items: unknown[] }).items;
}

test('send: a mail, arrives once however often it is sent, for its recipient only', async (t) => {
  const catcher = await startCatcher({ host: '127.0.0.1', smtpPort: 0, inboxPort: 0, clock: () => sentAt });
  const gateway = createSmtpGateway({
    url: `smtp://127.0.0.1:${catcher.smtpPort}`,
    from: 'Pandora <no-reply@pandora.example>',
  });
  t.teardown(async () => {
    gateway.close();
    await catcher.close();
  });
  const mail = {
    to: 'Jürgen@example.com',
    subject: 'Grüße',
    text: 'Open https://example.com/?token=abc',
    messageId: 'letter-1',
  };
  await gateway.send(mail);
  await gateway.send(mail);
  t.deepEqual(await inboxOf(catcher.inboxPort, 'jürgen@example.com'), [
    {
      mail_id: '<letter-1@pandora.example>',
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      sent_at: sentAt.toISOString(),
    },
  ]);
  t.deepEqual(await inboxOf(catcher.inboxPort, 'other@example.com'), []);
});

test('send: no mail server, rejects', async (t) => {
  const catcher = await startCatcher({ host: '127.0.0.1', smtpPort: 0, inboxPort: 0, clock: () => sentAt });
  const gateway = createSmtpGateway({ url: `smtp://127.0.0.1:${catcher.smtpPort}`, from: 'no-reply@pandora.example' });
  t.teardown(() => gateway.close());
  await catcher.close();
  await t.throwsAsync(gateway.send({ to: 'a@example.com', subject: 's', text: 't', messageId: 'm' }));
});

test('catch: a sender is killed in the midst of a mail, the next one gets his through', async (t) => {
  const catcher = await startCatcher({ host: '127.0.0.1', smtpPort: 0, inboxPort: 0, clock: () => sentAt });
  const gateway = createSmtpGateway({ url: `smtp://127.0.0.1:${catcher.smtpPort}`, from: 'no-reply@pandora.example' });
  t.teardown(async () => {
    gateway.close();
    await catcher.close();
  });
  const killed = connect(catcher.smtpPort, '127.0.0.1').setEncoding('utf8');
  for (const line of ['EHLO a.example', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>']) {
    await once(killed, 'data');
    killed.write(`${line}\r\n`);
  }
  await once(killed, 'data');
  killed.resetAndDestroy();
  await gateway.send({ to: 'c@example.com', subject: 's', text: 't', messageId: 'm' });
  t.is((await inboxOf(catcher.inboxPort, 'c@example.com')).length, 1);
});
