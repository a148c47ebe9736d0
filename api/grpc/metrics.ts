import type { Metrics } from '../../platform/telemetry.ts';

export interface GrpcMetrics {
  /** Counts a call as active; the function it answers ends it with its status. */
  begin(method: string): (status: number) => void;
  /** Counts a connection that was closed at once, since there were too many. */
  dropped(): void;
}

/** The gRPC metrics of one process. */
export function createGrpcMetrics(metrics: Metrics): GrpcMetrics {
  const labels = ['method', 'status'];
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5];
  const duration = metrics.histogram('grpc_request_duration_seconds', 'Time to answer a gRPC call', labels, buckets);
  const active = metrics.gauge('grpc_requests_active', 'gRPC calls being answered, streams included');
  const dropped = metrics.counter(
    'grpc_connections_dropped_total',
    'Connections closed at once, since there were too many',
  );
  return {
    dropped: () => dropped.inc(),
    begin(method) {
      const stop = duration.startTimer({ method });
      active.inc();
      return (status) => {
        stop({ status });
        active.dec();
      };
    },
  };
}
