import type { Withdrawal } from '../../storage/payments/withdrawals.ts';

interface Letter {
  readonly subject: string;
  readonly text: string;
}

const greeting = 'Hello,\n\n';
const ending = '\n\nPandora Exchange\n';

/** The token follows `#`, which browsers never send to a server. */
export const confirmationLetter = (found: Withdrawal, publicUrl: string, token: string): Letter => ({
  subject: `Confirm your withdrawal of ${found.amount} ${found.asset}`,
  text: `${greeting}you asked to withdraw ${found.amount} ${found.asset} to

${found.address}

Open this link to confirm it:

${publicUrl}/withdrawals/${found.withdrawalId}/confirm#token=${token}

If it was not you, do nothing, change your password, and write to us: without your click nothing is sent.${ending}`,
});

export const endingLetter = ({ amount, asset, state, address, signed, endedReason = '' }: Withdrawal): Letter =>
  state === 'SETTLED'
    ? {
        subject: `Your withdrawal of ${amount} ${asset} has arrived`,
        text: `${greeting}${amount} ${asset} arrived at\n\n${address}\n\nTransaction: ${signed?.hash ?? ''}${ending}`,
      }
    : {
        subject: `Your withdrawal of ${amount} ${asset} was ${state.toLowerCase()}`,
        text: `${greeting}your withdrawal of ${amount} ${asset} was ${state.toLowerCase()}: ${endedReason}.
The funds are back in your wallet.${ending}`,
      };
