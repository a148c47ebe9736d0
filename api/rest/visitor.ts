import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { limitHeaders, type Visitor } from '../admission.ts';
import type { Context } from './call.ts';

/** Who stands at the REST door. Only proxies in `trusted` are believed about where a request came from. */
export function visitorOf(ctx: Context, trusted: ReadonlySet<string>): Visitor {
  const ipAddress = addressOf(ctx.req, trusted);
  const userAgent = ctx.get('user-agent').slice(0, 512);
  return {
    authorization: ctx.get('authorization'),
    ipAddress,
    origin: { traceId: ctx.state.traceId, ipAddress, ...(userAgent === '' ? {} : { userAgent }) },
    announce: (rule, allowance) => ctx.set(limitHeaders(rule, allowance)),
  };
}

/** The client's address: the connection's, or the last one in X-Forwarded-For that no trusted proxy added. */
export function addressOf({ socket, headers }: IncomingMessage, trusted: ReadonlySet<string>): string {
  const plain = (address: string): string => address.replace(/^::ffff:/, '');
  let address = plain(socket.remoteAddress ?? '');
  const hops = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((hop) => hop.trim());
  while (trusted.has(address)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    address = plain(hop);
  }
  return address;
}
