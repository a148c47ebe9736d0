const longestAddress = 254;
const longestLocalPart = 64;
const localPart = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
/** At least two labels, the last no number: nothing that a URL parser would read as something else than a host name. */
const domainPart =
  /^(?:[\p{L}\p{M}\p{N}]+(?:-+[\p{L}\p{M}\p{N}]+)*\.)+(?!\d+$)[\p{L}\p{M}\p{N}]+(?:-+[\p{L}\p{M}\p{N}]+)*$/u;

/**
 * The one spelling under which an address is compared: trimmed, NFKC, lower case, domain in its ASCII (IDNA) form.
 * Undefined when the text is no address; control characters, quotes and lists of addresses never pass.
 */
export function normaliseEmail(text: string): string | undefined {
  const [local, domain, ...rest] = text.trim().normalize('NFKC').toLowerCase().split('@');
  if (local === undefined || domain === undefined || rest.length > 0) return undefined;
  if (!localPart.test(local) || !domainPart.test(domain) || !URL.canParse(`http://${domain}`)) return undefined;
  const address = `${local}@${new URL(`http://${domain}`).hostname}`;
  return local.length > longestLocalPart || address.length > longestAddress ? undefined : address;
}
