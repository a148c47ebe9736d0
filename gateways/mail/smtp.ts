import { createTransport } from 'nodemailer';
import type { MailGateway } from './mail.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:port`. Secret. */
  readonly url: string;
  readonly from: string;
}

/** Sends mail by SMTP over a small pool of connections. Call `close` at the end. */
export function createSmtpGateway({ url, from }: SmtpOptions): MailGateway & { readonly close: () => void } {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 5,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 20_000,
    // Mail text comes from templates with users' names in them; nothing in it may make us read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    async send({ messageId, ...mail }) {
      await transport.sendMail({ ...mail, from, messageId: `<${messageId}@${domain}>` });
    },
    close: () => transport.close(),
  };
}

const awayCodes = new Set(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** True when an error says that the server cannot take mail now; false when it refuses this letter. */
export function isMailAway(error: unknown): boolean {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === 'number') return responseCode < 500;
  return typeof code === 'string' && awayCodes.has(code);
}
