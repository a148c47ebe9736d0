export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Names the letter, not the attempt: the same id again is the same letter, so a repeated send can be recognised. */
  readonly messageId: string;
}

export interface MailGateway {
  /** Hands the mail to the server. Rejects when it was not accepted; it may have been sent nevertheless. */
  send(mail: Mail): Promise<void>;
}
