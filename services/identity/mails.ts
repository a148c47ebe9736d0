import type { Mail } from '../../gateways/mail/mail.ts';

/** What a mail says. No name in it: whoever registers another's address must not put words into our mouth. */
export type Letter = Omit<Mail, 'to' | 'messageId'>;

const greeting = 'Hello,\n\n';
const ending = '\n\nPandora Exchange\n';

/** Tokens follow `#`, which browsers never send to a server: they stay out of access logs and referrers. */
const link = (publicUrl: string, page: string, token: string): string => `${publicUrl}/${page}#token=${token}`;

export const verificationLetter = (publicUrl: string, token: string, hours: number): Letter => ({
  subject: 'Confirm your e-mail address',
  text: `${greeting}open this link to confirm your e-mail address and finish your registration:

${link(publicUrl, 'verify-email', token)}

It works for ${hours} hours. If you did not register, ignore this mail:
nothing happens without your click.${ending}`,
});

export const reminderLetter = (publicUrl: string, token: string, hours: number): Letter => ({
  subject: 'Your registration still waits for you',
  text: `${greeting}your e-mail address is not confirmed yet. Open this link to finish your registration:

${link(publicUrl, 'verify-email', token)}

It works for ${hours} hours; after that the registration is removed.
If you did not register, ignore this mail.${ending}`,
});

export const alreadyRegisteredLetter = (): Letter => ({
  subject: 'You already have an account',
  text: `${greeting}somebody, probably you, tried to register with this e-mail address. You already have an account:
sign in as usual. If it was not you, nothing needs to be done.${ending}`,
});

export const theftLetter = (publicUrl: string, token: string): Letter => ({
  subject: 'We ended one of your sessions',
  text: `${greeting}a sign-in token of your account was used twice, which happens when somebody copies it. We ended that
session. If you notice anything you did not do, freeze your account with one click; it ends all sessions:

${link(publicUrl, 'freeze', token)}${ending}`,
});
