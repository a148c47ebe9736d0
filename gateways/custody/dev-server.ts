import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DevChain, openDevChain } from './dev-chain.ts';

export interface DevCustodyOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly clock: () => Date;
  /** How long the chain takes for one confirmation. */
  readonly blockMs: number;
  /** Where the chain is kept; without one it is forgotten at the end. */
  readonly file?: string;
}

/** How the server misbehaves until told otherwise. */
interface Trouble {
  /** How long the answer to bytes that were taken is held back. */
  readonly delayMs: number;
  /** Answers 500 before it did what was asked, or after: then the asker cannot know. */
  readonly fail: 'never' | 'before' | 'after';
}

export interface DevCustody {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Signs only play money: anybody may know it. */
const key = 'development signing key';
const maxBody = 10_000;

/**
 * Stands in for a custodian and a chain in development and tests: signs, takes signed bytes once, and confirms them
 * as time goes on. A number is taken by the first transaction that has it. `POST /incoming` has a transfer arrive, of
 * which nobody is told; `GET /statement` has both. `POST /trouble` makes it slow or failing.
 */
export async function startDevCustody({ host, port, clock, blockMs, file }: DevCustodyOptions): Promise<DevCustody> {
  const act = createActs(openDevChain(file), { clock, blockMs });
  let trouble: Trouble = { delayMs: 0, fail: 'never' };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { pathname } = url;
    const body = await readBody(request);
    if (pathname === '/trouble') {
      trouble = { ...trouble, ...(JSON.parse(body) as Partial<Trouble>) };
      return { status: 200, body: trouble };
    }
    const { delayMs, fail } = trouble;
    if (fail === 'before') return { status: 500, body: { error: 'trouble' } };
    const acted = act(request.method ?? 'GET', url, body);
    if (delayMs > 0 && pathname === '/transactions' && request.method === 'POST') await sleep(delayMs);
    return fail === 'after' ? { status: 500, body: { error: 'trouble' } } : acted;
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((): Answer => ({ status: 400, body: { error: 'malformed' } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Act = (method: string, url: URL, body: string) => Answer;

/** What is asked of the chain and the keys to it. */
function createActs(chain: DevChain, { clock, blockMs }: Pick<DevCustodyOptions, 'clock' | 'blockMs'>): Act {
  function send(bytes: string): Answer {
    const text = Buffer.from(bytes, 'hex').toString();
    const [signature = '', payload = ''] = text.split('\n');
    if (signature !== signatureOf(payload)) return { status: 422, body: { error: 'wrong signature' } };
    const hash = hashOf(bytes);
    if (chain.find(hash) !== undefined) return { status: 200, body: { hash, known: true } };
    const { nonce = '', asset = '', amount = '', to = '' } = JSON.parse(payload) as Record<string, string>;
    const taken = chain.sent().some((other) => other.nonce === nonce);
    if (taken) return { status: 409, body: { error: 'nonce too low' } };
    chain.add({ hash, nonce, asset, amount, to, sentAt: clock().getTime() });
    return { status: 200, body: { hash, known: false } };
  }

  function receive({ reference = '', asset = '', amount = '' }: Record<string, string>): Answer {
    chain.add({ reference, asset, amount, arrivedAt: clock().getTime() });
    return { status: 200, body: { reference } };
  }

  return (method, { pathname: path, searchParams }, body) => {
    if (path === '/health/ready') return { status: 200, body: { status: 'ok' } };
    if (method === 'POST' && path === '/sign')
      return { status: 200, body: sign(JSON.parse(body) as Record<string, string>) };
    if (method === 'POST' && path === '/transactions') return send((JSON.parse(body) as { bytes: string }).bytes);
    if (method === 'GET' && path === '/transactions') return { status: 200, body: { items: chain.sent() } };
    if (method === 'POST' && path === '/incoming') return receive(JSON.parse(body) as Record<string, string>);
    if (path === '/statement') return { status: 200, body: chain.page(Number(searchParams.get('from'))) };
    const found = chain.find(decodeURIComponent(path.replace('/transactions/', '')));
    if (found === undefined) return { status: 404, body: { error: 'unknown' } };
    const confirmations = Math.floor((clock().getTime() - found.sentAt) / blockMs);
    return { status: 200, body: { ...found, confirmations } };
  };
}

function sign({ nonce = '', asset = '', amount = '', to = '' }: Record<string, string>): object {
  const payload = JSON.stringify({ nonce, asset, amount, to });
  const bytes = Buffer.from(`${signatureOf(payload)}\n${payload}`).toString('hex');
  return { bytes, hash: hashOf(bytes) };
}

const signatureOf = (payload: string): string => createHmac('sha256', key).update(payload).digest('hex');
const hashOf = (bytes: string): string => `0x${createHash('sha256').update(bytes).digest('hex')}`;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new Error('The body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
