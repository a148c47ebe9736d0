import type { Counter, Gauge, Histogram } from 'prom-client';
import type { NewId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/log.ts';
import { inTrace, type Metrics } from '../../../platform/telemetry.ts';
import type { Middleware } from '../call.ts';

interface Deps {
  readonly log: Logger;
  readonly newId: NewId;
  readonly metrics: HttpMetrics;
}

export interface HttpMetrics {
  readonly duration: Histogram;
  readonly total: Counter;
  readonly active: Gauge;
  readonly dropped: Counter;
  readonly shed: Counter;
}

/** The HTTP metrics of one process, shared by its doors. */
export const createHttpMetrics = (metrics: Metrics): HttpMetrics => ({
  duration: metrics.histogram(
    'http_request_duration_seconds',
    'Time to answer an HTTP request',
    ['operation', 'status'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5],
  ),
  total: metrics.counter('http_requests_total', 'HTTP requests answered', ['operation', 'status']),
  active: metrics.gauge('http_requests_active', 'HTTP requests being answered'),
  shed: metrics.counter('http_requests_shed_total', 'HTTP requests refused at once, since there were too many'),
  dropped: metrics.counter('http_connections_dropped_total', 'Connections closed at once, since there were too many'),
});

const idPattern = /^[A-Za-z0-9_.:-]{1,128}$/;

/** Gives every request its ids and trace, and records how it went: one log line, one duration. */
export const observe =
  ({ log, newId, metrics }: Deps): Middleware =>
  async (ctx, next) => {
    const given = ctx.get('x-request-id');
    const requestId = idPattern.test(given) ? given : newId();
    const begun = performance.now();
    metrics.active.inc();
    try {
      await inTrace(`${ctx.method} request`, ctx.headers, async (traceId) => {
        ctx.state.requestId = requestId;
        ctx.state.traceId = traceId;
        ctx.set('X-Request-Id', requestId);
        await next();
        const operation = ctx.state.operation ?? 'unmatched';
        const seconds = (performance.now() - begun) / 1000;
        metrics.duration.observe({ operation, status: ctx.status }, seconds);
        metrics.total.inc({ operation, status: ctx.status });
        const fields = { request_id: requestId, operation, http_status: ctx.status, duration_ms: seconds * 1000 };
        log.debug(fields, 'Answered');
      });
    } finally {
      metrics.active.dec();
    }
  };
