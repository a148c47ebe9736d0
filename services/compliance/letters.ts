import type { Mail } from '../../gateways/mail/mail.ts';

type Letter = Omit<Mail, 'to' | 'messageId'>;

const greeting = 'Hello,\n\n';
const ending = '\n\nPandora Exchange\n';

/** What a customer reads when her case was decided. Never says what screening found. */
export const caseLetters = {
  verified: (): Letter => ({
    subject: 'Your identity is verified',
    text: `${greeting}your identity is verified. You can trade and withdraw now.${ending}`,
  }),
  rejected: (): Letter => ({
    subject: 'We could not verify your identity',
    text: `${greeting}we could not verify your identity from what you sent. You may send your details again.${ending}`,
  }),
  more_info: (asked: string): Letter => ({
    subject: 'We need more from you',
    text: `${greeting}to verify your identity we need more from you:

${asked}

Send your details again with it.${ending}`,
  }),
} as const;

/** What officers read while a case waits. Holds ids only. */
export const deskLetter = (kind: 'reminder' | 'overdue', workflowId: string, uiUrl: string): Letter => ({
  subject: kind === 'overdue' ? `Overdue: ${workflowId}` : `Waiting: ${workflowId}`,
  text: `${workflowId} ${kind === 'overdue' ? 'is overdue' : 'waits for a decision'}. It is here:

${uiUrl}/namespaces/exchange/workflows/${encodeURIComponent(workflowId)}${ending}`,
});
