import { hasCode } from '../../domain/errors.ts';
import { type Notice, noticeOf } from '../../domain/notices.ts';
import type { Mail, MailGateway } from '../../gateways/mail/mail.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import type { Inbox } from '../events/inbox.ts';
import type { IdentityService } from '../identity/identity.ts';
import { letterFor } from './letters.ts';

export interface NotificationDeps {
  readonly inbox: Inbox;
  readonly mail: MailGateway;
  readonly identity: Pick<IdentityService, 'accounts' | 'protection'>;
}

/** Who reads the events of users to write to them. */
export const notificationGroup = 'notification.service.users';

/**
 * Mails a customer what an event says, where that is worth a mail. The inbox is written after the mail server has taken
 * the letter: a process that ends in between sends it again, under the same Message-ID.
 */
export function createNotifications({ inbox, mail, identity }: NotificationDeps) {
  /** Undefined when there is nobody to write to any more. */
  async function addressOf(userId: string): Promise<string | undefined> {
    try {
      return (await identity.accounts.get(userId)).email;
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }

  async function compose(notice: Notice, userId: string): Promise<Mail | undefined> {
    // It has a link of its own, which freezes the account.
    if (notice.type === 'user.session.revoked') {
      return identity.protection.mailForTheft(notice.details['session_id'] ?? '');
    }
    const letter = letterFor(notice);
    const to = letter && (await addressOf(userId));
    return to === undefined || letter === undefined
      ? undefined
      : { ...letter, to, messageId: `notice.${notice.notice_id}` };
  }

  return async (event: EventEnvelope): Promise<void> => {
    const notice = noticeOf(event);
    const userId = event.user_id;
    if (notice === undefined || userId === undefined) return;
    await inbox.onceOutside(event, async () => {
      const letter = await compose(notice, userId);
      if (letter !== undefined) await mail.send(letter);
    });
  };
}
