import type { Notice } from '../../domain/notices.ts';
import type { Mail } from '../../gateways/mail/mail.ts';

type Letter = Omit<Mail, 'to' | 'messageId'>;

const greeting = 'Hello,\n\n';
const ending = '\n\nPandora Exchange\n';
const ifNotYou = 'If it was not you, change your password, end all sessions and write to us.';

/**
 * The letter about a notice; undefined where none is sent, or where somebody else writes it: identity checks and
 * withdrawals are written of by their workflows.
 */
export function letterFor({ type, created_at, details }: Notice): Letter | undefined {
  const at = `${created_at.slice(0, 16).replace('T', ' ')} UTC`;
  switch (type) {
    case 'user.password.changed':
      return {
        subject: 'Your password was changed',
        text: `${greeting}your password was changed at ${at}, and all other sessions were ended.
${ifNotYou}${ending}`,
      };
    case 'user.logged_in':
      return {
        subject: 'A sign-in on a new device',
        text: `${greeting}somebody signed in to your account on a device we have not seen before.

When: ${at}
Address: ${details['ip_address'] ?? 'unknown'}
Device: ${details['user_agent'] ?? 'unknown'}

If it was you, nothing needs to be done. ${ifNotYou}${ending}`,
      };
    case 'deposit.credited':
      return {
        subject: `Your deposit of ${details['amount']} ${details['asset']} has arrived`,
        text: `${greeting}${details['amount']} ${details['asset']} are in your wallet.

Deposit: ${details['deposit_id']}${ending}`,
      };
    case 'trade.busted':
      return {
        subject: `A trade of yours on ${details['symbol']} was taken back`,
        text: `${greeting}we could not settle one of your trades on ${details['symbol']} and have taken it back.
What was set aside for it is yours again, and nothing was charged.

Trade: ${details['trade_id']}${ending}`,
      };
    case 'balance.adjusted':
      return {
        subject: `Your balance of ${details['asset']} was corrected`,
        text: `${greeting}we have corrected our books: ${details['amount']} ${details['asset']} ${
          details['direction'] === 'CREDIT' ? 'were added to' : 'were taken from'
        } your wallet. Write to us if you do not know why.

Adjustment: ${details['adjustment_id']}${ending}`,
      };
    default:
      return undefined;
  }
}
