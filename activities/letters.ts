import type { Mail, MailGateway } from '../gateways/mail/mail.ts';

/** Sends a letter where there is one. */
export const createSendIfAny =
  (mail: MailGateway) =>
  async (letter: Mail | undefined): Promise<void> => {
    if (letter !== undefined) await mail.send(letter);
  };
