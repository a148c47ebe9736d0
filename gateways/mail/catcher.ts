import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { CaughtMail } from './inbox.ts';

export interface CatcherOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly smtpPort: number;
  readonly inboxPort: number;
  readonly clock: () => Date;
}

export interface Catcher {
  readonly smtpPort: number;
  readonly inboxPort: number;
  close(): Promise<void>;
}

/** Older mails are dropped beyond this many: the catcher may run for weeks. */
const kept = 2_000;
const maxMailBytes = 1024 * 1024;

/**
 * Stands in for a mail provider in development and tests: takes any mail by SMTP, delivers none, and shows what came at
 * `GET /mails?to=…`, oldest first. A mail with a Message-ID it already has is the same letter sent again.
 */
export async function startCatcher({ host, smtpPort, inboxPort, clock }: CatcherOptions): Promise<Catcher> {
  const mails = new Map<string, CaughtMail>();

  async function keep(raw: Buffer, recipients: readonly string[]): Promise<void> {
    const { messageId, subject = '', text = '' } = await PostalMime.parse(raw);
    for (const to of recipients) {
      const id = `${messageId ?? crypto.randomUUID()} ${to}`;
      if (mails.has(id)) continue;
      mails.set(id, { mail_id: messageId ?? id, to, subject, text: text.trim(), sent_at: clock().toISOString() });
    }
    for (const id of [...mails.keys()].slice(0, Math.max(0, mails.size - kept))) mails.delete(id);
  }

  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: maxMailBytes,
    logger: false,
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      stream
        .toArray()
        .then((chunks: Buffer[]) => keep(Buffer.concat(chunks), recipients))
        .then(
          () => done(),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
    },
  });
  // Whoever sends may be killed in the midst of a mail: that one is lost, and he sends it again.
  smtp.on('error', () => undefined);
  const inbox = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/health/ready') return json(response, 200, { status: 'ok' });
    if (url.pathname !== '/mails') return json(response, 404, { items: [] });
    const to = url.searchParams.get('to')?.toLowerCase();
    const items = [...mails.values()].filter((mail) => to === undefined || mail.to.toLowerCase() === to);
    return json(response, 200, { items });
  });

  const smtpListener = smtp.listen(smtpPort, host);
  inbox.listen(inboxPort, host);
  await Promise.all([listening(smtpListener), listening(inbox)]);
  return {
    smtpPort: (smtpListener.address() as AddressInfo).port,
    inboxPort: (inbox.address() as AddressInfo).port,
    async close() {
      inbox.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => smtp.close(resolve)),
        new Promise<void>((resolve) => inbox.close(() => resolve())),
      ]);
    },
  };
}

function listening(server: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
