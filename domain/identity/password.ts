const shortest = 12;
const longest = 128;

/** The form of a password that is hashed and compared: NFKC, so that the same keys on another device match. */
export const normalisePassword = (text: string): string => text.normalize('NFKC');

/**
 * Why a password may not be set, as a sentence, or undefined when it may. 12 to 128 characters after normalisation,
 * none of `common` (lower case) and not the address itself.
 */
export function passwordFault(text: string, emailNormalised: string, common: ReadonlySet<string>): string | undefined {
  const password = normalisePassword(text);
  const length = Array.from(password).length;
  if (length < shortest || length > longest) return `Use ${shortest} to ${longest} characters.`;
  const lower = password.toLowerCase();
  if (common.has(lower) || lower === emailNormalised) {
    return 'This password is among the first ones a thief tries. Choose another one.';
  }
  return undefined;
}
