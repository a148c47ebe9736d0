/**
 * The network an address lies in: IPv4 by its first 24 bits, IPv6 by its first 48. Homes and phones change addresses
 * inside it, so a device stays known. `ip` is an address as a socket reports it.
 */
export function networkOf(ip: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(ip);
  if (v4?.[1] !== undefined) return `${v4[1]}.0/24`;
  const [left = '', right] = ip.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) groups.push(...Array<string>(3).fill('0'));
  const prefix = groups.slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/48`;
}

/** What makes a device known: the program and the network it calls from. */
export const deviceFingerprint = (userAgent: string, ip: string): string => `${userAgent}\n${networkOf(ip)}`;

/** How long a device stays known after its last sign-in. */
export const knownDeviceDays = 90;
