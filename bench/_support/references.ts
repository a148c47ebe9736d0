import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { onPath, run } from '../../scripts/setup/commands.ts';
import { createClient } from '../../test/_support/client.ts';
import { type LatencyRow, latencyRow, rateRow } from './latency.ts';
import { round } from './report.ts';

const connections = 64;

/** What a bare Koa route takes from the same client on the same machine, as fast as it goes. */
async function measureBareKoa(seconds = 4) {
  const child = fork(new URL('bare-koa.ts', import.meta.url));
  const [port] = (await once(child, 'message')) as [number];
  const client = createClient(`http://127.0.0.1:${port}`, { connections });
  const taken: number[] = [];
  const over = performance.now() + seconds * 1000;
  async function ask(): Promise<void> {
    while (performance.now() < over) {
      const before = performance.now();
      await client.send({ method: 'POST', path: '/', body: { symbol: 'BTC/USDT' } });
      taken.push(performance.now() - before);
    }
  }
  await Promise.all(Array.from({ length: connections }, ask));
  client.close();
  child.kill();
  return latencyRow('reference: a bare Koa route, as fast as it goes', taken, seconds);
}

/** Transactions a second of `pgbench -N` with 8 clients on the same server; undefined where there is no pgbench. */
export async function measurePgbench(databaseUrl: string, seconds = 6): Promise<number | undefined> {
  const program = onPath('pgbench');
  if (program === undefined) return undefined;
  const url = new URL(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('CREATE DATABASE pgbench');
  url.pathname = '/pgbench';
  await run(program, ['-i', '-q', '-s', '10', url.href]);
  const output = await run(program, ['-N', '-c', '8', '-j', '1', '-T', String(seconds), url.href]);
  await client.query('DROP DATABASE pgbench WITH (FORCE)');
  await client.end();
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}

/** What orders over REST are compared with. */
export interface References {
  readonly koa: LatencyRow;
  /** Transactions a second; undefined where there is no pgbench. */
  readonly pgbench: number | undefined;
}

/** Both references, one after the other. */
export async function measureReferences(databaseUrl: string): Promise<References> {
  const koa = await measureBareKoa();
  return { koa, pgbench: await measurePgbench(databaseUrl) };
}

/** The references' rows, and those of `orders` a second beside them. */
export const referenceRows = ({ koa, pgbench }: References, orders: number) => [
  koa,
  ...(pgbench === undefined ? [] : [rateRow('reference: pgbench -N, 8 clients', pgbench)]),
  rateRow('orders ÷ bare Koa requests', round(orders / koa['per second'])),
  ...(pgbench === undefined ? [] : [rateRow('orders ÷ pgbench', round(orders / pgbench))]),
];
