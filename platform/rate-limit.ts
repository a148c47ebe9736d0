import type { Redis } from 'ioredis';

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly windowSeconds: number;
  /** What is left of the window's limit after this call. */
  readonly remaining: number;
  /** Seconds until this cost would be allowed (refused calls), or until the window ends. */
  readonly resetSeconds: number;
}

export interface Rule {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface RateLimiter {
  /**
   * Draws `cost` from a bucket. A refused call draws nothing. Never throws: without Redis the process's own share
   * holds.
   */
  take(rule: Rule, key: string, cost: number): Promise<Allowance>;
}

/**
 * Sliding window by two counters: the current window's, plus the share of the previous one that still overlaps.
 * One round trip, two small keys a bucket. Redis's clock decides, so that all processes agree.
 */
const script = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local window, limit, cost = tonumber(ARGV[1]) * 1000, tonumber(ARGV[2]), tonumber(ARGV[3])
local slot = math.floor(ms / window)
local into = ms - slot * window
local current = tonumber(redis.call('GET', KEYS[1] .. ':' .. slot) or '0')
local previous = tonumber(redis.call('GET', KEYS[1] .. ':' .. (slot - 1)) or '0')
local used = current + previous * (window - into) / window
if used + cost > limit then return {0, math.max(0, math.floor(limit - used)), window - into} end
if cost > 0 then
  redis.call('INCRBY', KEYS[1] .. ':' .. slot, cost)
  redis.call('PEXPIRE', KEYS[1] .. ':' .. slot, window * 2)
end
return {1, math.floor(limit - used - cost), window - into}
`;

interface Options {
  readonly redis: Redis;
  /** Processes that share the limits; while Redis is away each allows its share. */
  readonly processes: number;
  readonly now: () => number;
}

/** Rate limits over Redis, shared by all processes; see ADR 0005 for why this is ours. */
export function createRateLimiter({ redis, processes, now }: Options): RateLimiter {
  const local = createLocalWindows(now);
  redis.defineCommand('takeFromBucket', { numberOfKeys: 1, lua: script });
  const command = redis as Redis & {
    takeFromBucket(key: string, window: number, limit: number, cost: number): Promise<[number, number, number]>;
  };
  return {
    async take(rule, key, cost) {
      const bucket = `limit:${rule.name}:${key}`;
      const answer = command.takeFromBucket(bucket, rule.windowSeconds, rule.limit, cost);
      try {
        return toAllowance(rule, await Promise.race([answer, tooLate(answer)]));
      } catch {
        const share = { ...rule, limit: Math.max(1, Math.floor(rule.limit / processes)) };
        return toAllowance(share, local(share, bucket, cost));
      }
    },
  };
}

/** A slow Redis must not make every request slow. */
const patienceMs = 250;

/** Rejects when `work` takes too long. */
function tooLate(work: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${patienceMs} ms`)), patienceMs);
    work.catch(() => undefined).finally(() => clearTimeout(timer));
  });
}

const toAllowance = (rule: Rule, [allowed, remaining, resetMs]: readonly [number, number, number]): Allowance => ({
  allowed: allowed === 1,
  limit: rule.limit,
  windowSeconds: rule.windowSeconds,
  remaining,
  resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
});

/**
 * Fixed windows in this process's memory, for the time without Redis. Forgotten windows are dropped as time moves on.
 */
function createLocalWindows(now: () => number) {
  let used = new Map<string, number>();
  let swept = 0;
  return ({ windowSeconds, limit }: Rule, bucket: string, cost: number): [number, number, number] => {
    const ms = now();
    const slot = Math.floor(ms / (windowSeconds * 1000));
    if (ms - swept > 900_000) {
      used = new Map();
      swept = ms;
    }
    const key = `${bucket}:${slot}`;
    const before = used.get(key) ?? 0;
    const reset = (slot + 1) * windowSeconds * 1000 - ms;
    if (before + cost > limit) return [0, Math.max(0, limit - before), reset];
    used.set(key, before + cost);
    return [1, limit - before - cost, reset];
  };
}
