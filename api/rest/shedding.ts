import type { IncomingMessage, ServerResponse } from 'node:http';
import { takeRandomBytes } from '../../platform/random.ts';
import { tooMuch } from '../load-limit.ts';
import { toProblem } from '../present/problem.ts';
import type { HttpMetrics } from './middleware/observe.ts';

interface Deps {
  readonly metrics: Pick<HttpMetrics, 'shed'>;
}

/** Cancels, which take risk away, and what tells whether the process lives: they are served however much there is. */
export const isSpared = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'DELETE' || /^\/(health|ready|metrics)/.test(url);

/** Refuses a request for a small part of what serving it costs: nothing is read, proved or logged, little is made. */
export function createShedding({ metrics }: Deps): (request: IncomingMessage, response: ServerResponse) => void {
  const traceId = '0'.repeat(32);
  const [before = '', after = ''] = JSON.stringify(toProblem(tooMuch(), traceId)).split(traceId);
  return (_request, response) => {
    metrics.shed.inc();
    const body = before + takeRandomBytes(16).toString('hex') + after;
    response.writeHead(503, {
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'content-length': body.length,
    });
    response.end(body);
  };
}
