import Router from '@koa/router';
import type { Registry } from 'prom-client';
import type { Logger } from '../../platform/log.ts';
import type { State } from './call.ts';

/** Answers, or throws saying why not. */
export type Check = () => Promise<unknown>;

export interface HealthDeps {
  readonly version: string;
  /** Without these nothing can be served: readiness is 503. */
  readonly critical: Readonly<Record<string, Check>>;
  /** Without these some routes answer 503 themselves: readiness stays 200 and says `degraded`. */
  readonly degrading: Readonly<Record<string, Check>>;
  readonly draining: () => boolean;
  readonly log: Logger;
  /** Undefined where metrics are not to be public. */
  readonly registry: Registry | undefined;
}

const checkTimeoutMs = 2_000;

/** Liveness, readiness, status and metrics. No login. */
export function createHealthRoutes(deps: HealthDeps): Router<State> {
  const router = new Router<State>();
  for (const path of ['/health', '/health/live']) {
    router.get(path, (ctx) => {
      ctx.body = { status: 'ok' };
    });
  }
  for (const path of ['/health/ready', '/ready']) {
    router.get(path, async (ctx) => {
      const report = await readiness(deps);
      ctx.status = report.status === 'unready' ? 503 : 200;
      ctx.body = report;
    });
  }
  router.get('/api/v1/status', (ctx) => {
    ctx.body = { service: 'pandora-exchange', version: deps.version, status: deps.draining() ? 'draining' : 'ok' };
  });
  const { registry } = deps;
  if (registry !== undefined) {
    router.get('/metrics', async (ctx) => {
      ctx.type = registry.contentType;
      ctx.body = await registry.metrics();
    });
  }
  return router;
}

type Verdict = 'ready' | 'degraded' | 'unready';

async function readiness(deps: HealthDeps): Promise<{ status: Verdict; checks: Record<string, string> }> {
  const [critical, degrading] = await Promise.all([runAll(deps.critical, deps.log), runAll(deps.degrading, deps.log)]);
  const failed = (checks: Record<string, string>): boolean => Object.values(checks).some((state) => state !== 'ok');
  const unready = failed(critical) || deps.draining();
  return {
    status: unready ? 'unready' : failed(degrading) ? 'degraded' : 'ready',
    checks: { ...critical, ...degrading, ...(deps.draining() ? { draining: 'yes' } : {}) },
  };
}

async function runAll(checks: Readonly<Record<string, Check>>, log: Logger): Promise<Record<string, string>> {
  const states = Object.entries(checks).map(async ([name, check]) => {
    try {
      await Promise.race([check(), rejectAfter(checkTimeoutMs)]);
      return [name, 'ok'];
    } catch (err) {
      // The answer is public: it says that a part failed, the log says why.
      log.warn({ err, component: name }, 'A health check failed');
      return [name, 'failed'];
    }
  });
  return Object.fromEntries(await Promise.all(states)) as Record<string, string>;
}

const rejectAfter = (ms: number): Promise<never> =>
  new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms).unref();
  });
