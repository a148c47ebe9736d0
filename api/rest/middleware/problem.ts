import { DomainError } from '../../../domain/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import { toProblem } from '../../present/problem.ts';
import type { Middleware } from '../call.ts';

/** Turns whatever is thrown below it into problem+json. Logs faults; refusals are the caller's business. */
export const problems =
  (log: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw new DomainError('NOT_FOUND', 'There is nothing here.');
    } catch (error) {
      const problem = toProblem(error, ctx.state.traceId);
      if (!(error instanceof DomainError))
        log.error({ err: error, request_id: ctx.state.requestId }, 'A request failed');
      else if (error.details.retryAfter !== undefined) ctx.set('Retry-After', String(error.details.retryAfter));
      ctx.status = problem.status;
      ctx.body = JSON.stringify({ ...problem, instance: ctx.path });
      ctx.type = 'application/problem+json';
    }
  };
