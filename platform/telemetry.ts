import { context, isSpanContextValid, propagation, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { takeRandomBytes } from './random.ts';

export interface TelemetryOptions {
  readonly enabled: boolean;
  readonly endpoint: string;
  readonly serviceName: string;
  readonly sampleRate: number;
}

/**
 * Starts OpenTelemetry traces (OTLP over HTTP) with W3C context propagation; answers how to stop. Loaded only when
 * wanted: it costs start-up time. Call it right after config and log, before anything that is to be traced.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<() => Promise<void>> {
  if (!options.enabled) return async () => undefined;
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  // The SDK takes its exporter and sampler from these names; ours may have come from YAML.
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = options.endpoint;
  process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_traceidratio';
  process.env['OTEL_TRACES_SAMPLER_ARG'] = String(options.sampleRate);
  const sdk = new NodeSDK({ serviceName: options.serviceName });
  sdk.start();
  return () => sdk.shutdown();
}

/** The tracer every part makes its spans with; a no-op until telemetry is started. */
export const tracer = () => trace.getTracer('pandora-exchange');

export interface Metrics {
  readonly registry: Registry;
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** Buckets in seconds. */
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
}

/** One process's Prometheus metrics, with Node's own (memory, CPU, event-loop lag) in them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, labels, buckets) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
  };
}

/**
 * Makes trace ids flow through every await of this process, whether spans are exported or not: errors and logs name the
 * trace either way.
 */
export function enableTraceContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** The active trace's id, or undefined outside any trace. */
export const activeTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;

/**
 * Runs `work` in a span named `name` that continues the trace of `carrier` (`traceparent`), or begins one. While
 * tracing is off the span records nothing, and yet has an id.
 */
export async function inTrace<T>(name: string, carrier: unknown, work: (traceId: string) => Promise<T>): Promise<T> {
  const parent = propagation.extract(context.active(), carrier);
  const started = tracer().startSpan(name, {}, parent);
  const span = isSpanContextValid(started.spanContext()) ? started : trace.wrapSpanContext(freshContext());
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span.spanContext().traceId));
  } finally {
    span.end();
  }
}

function freshContext() {
  const random = takeRandomBytes(24).toString('hex');
  return { traceId: random.slice(0, 32), spanId: random.slice(32), traceFlags: TraceFlags.NONE };
}
