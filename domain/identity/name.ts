/**
 * Why this cannot be a person's name, as a sentence, or undefined: control characters reach no database and no mail.
 */
export const nameFault = (text: string): string | undefined =>
  /\p{Cc}/u.test(text) ? 'Leave out control characters.' : undefined;
