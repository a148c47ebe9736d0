import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from '../../bench/_support/random.ts';
import type { Promised } from './books.ts';
import { type Call, type Client, createClient, type Reply } from './client.ts';
import { placeList } from './load-lists.ts';

export interface Customer {
  readonly userId: string;
  readonly token: string;
}

/** Makes verified customers with funds, through the internal door of a development system. */
export async function createCustomers(
  internal: string,
  count: number,
  balances: Readonly<Record<string, string>> = { BTC: '1000', ETH: '10000', USDT: '50000000' },
): Promise<readonly Customer[]> {
  const client = createClient(`${internal}/api/v1`, { connections: 8 });
  const body = { kyc: 'verified', balances };
  try {
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const { status, body: made } = await client.send({ method: 'POST', path: '/dev/users', body });
        if (status !== 201) throw new Error(`POST /dev/users answers ${status}: ${JSON.stringify(made)}`);
        const { user, access_token } = made as { user: { user_id: string }; access_token: string };
        return { userId: user.user_id, token: access_token };
      }),
    );
  } finally {
    client.close();
  }
}

export interface LoadOptions {
  /** Base URLs of the API's processes; requests go to them in turn. */
  readonly targets: readonly string[];
  readonly customers: readonly Customer[];
  /** Requests a second. Their times are fixed beforehand: slow answers do not slow them down. */
  readonly rate: number;
  readonly seed: number;
  /** How many of a hundred requests are cancels; 20 unless given. */
  readonly cancelPercent?: number;
  /** How many are amends; none unless given. */
  readonly amendPercent?: number;
  /** How many are order lists; none unless given. */
  readonly listPercent?: number;
  /** Told of each order's first answer; times as of performance.now(). */
  readonly onPlaced?: (order: Promised, plannedAt: number, answeredAt: number) => void;
}

/** What the load did, by the answers it got. */
export interface Tally {
  placed: number;
  cancelled: number;
  amended: number;
  /** Order lists placed. */
  listed: number;
  /** Refused by a rule, by code. */
  readonly refused: Record<string, number>;
  /** Sent again since the outcome was unknown. */
  retried: number;
}

export interface Load {
  readonly tally: Readonly<Tally>;
  /** What clients were promised so far. */
  readonly promised: () => readonly Promised[];
  /** Answers that must never be given, whatever dies. */
  readonly faults: readonly string[];
  /** Ends the arrivals and waits until every outcome is known. */
  readonly stop: () => Promise<void>;
}

/** Outcomes by rule: something else than this is a fault. */
export const expectedRefusals = new Set(['INSUFFICIENT_FUNDS', 'ORDER_NOT_OPEN', 'PRICE_OUT_OF_BAND']);
/** Of amends beside those: another came first, or as much is filled already. */
const amendRefusals = new Set([...expectedRefusals, 'ORDER_CHANGED', 'INVALID_QUANTITY']);
const retryEveryMs = 250;
const patienceMs = 45_000;

interface Placed {
  /** Undefined of an order list. */
  readonly order: Order | undefined;
  /** Where it is cancelled. */
  readonly path: string;
  /** Of an order list two. */
  readonly promised: readonly { -readonly [K in keyof Promised]: Promised[K] }[];
  readonly customer: Customer;
}

export interface Asking {
  /** The final answer to a call, asked again while its outcome is unknown: client order ids make that safe. */
  readonly ask: (call: Call) => Promise<Reply | undefined>;
  /** Counts a refusal, and makes one that no rule explains a fault. */
  readonly judge: (reply: Reply, what: string, expected?: ReadonlySet<string>) => void;
  readonly close: () => void;
}

function createAsking(targets: readonly string[], tally: Tally, faults: string[]): Asking {
  const clients = targets.map((target) => createClient(`${target}/api/v1`));
  let sent = 0;
  const nextClient = (): Client => clients[sent++ % clients.length]!;
  return {
    async ask(call) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const reply = await nextClient()
          .send(call)
          .catch(() => undefined);
        if (reply !== undefined && reply.status !== 503) return reply;
        if (performance.now() > deadline) {
          faults.push(`${call.method} ${call.path}: no outcome within ${patienceMs / 1000} s`);
          return undefined;
        }
        tally.retried += 1;
        await sleep(retryEveryMs);
      }
    },
    judge({ status, body }, what, expected = expectedRefusals) {
      const code = String(body['code']);
      tally.refused[code] = (tally.refused[code] ?? 0) + 1;
      if (status < 500 && expected.has(code)) return;
      faults.push(`${what} answers ${status} ${JSON.stringify(body)}`);
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

/** Random orders around one price that cross, amends and cancels of them, until told to stop. */
export function startLoad(options: LoadOptions): Load {
  const { targets, customers, rate, seed, cancelPercent = 20, amendPercent = 0, listPercent = 0, onPlaced } = options;
  const random = createRandom(seed);
  const [placed, cancellable]: [Placed[], Placed[]] = [[], []];
  const tally: Tally = { placed: 0, cancelled: 0, amended: 0, listed: 0, refused: {}, retried: 0 };
  const faults: string[] = [];
  const asking = createAsking(targets, tally, faults);
  const { ask, judge, close } = asking;
  const running = new Set<Promise<void>>();
  let stopping = false;

  async function place(number: number, plannedAt: number): Promise<void> {
    const customer = customers[random.below(customers.length)]!;
    const clientOrderId = `load-${seed}-${number}`;
    const order = randomOrder(random);
    const body = { ...order, client_order_id: clientOrderId };
    const reply = await ask({ method: 'POST', path: '/orders', token: customer.token, body });
    if (reply?.status !== 201) {
      if (reply !== undefined) judge(reply, 'POST /orders');
      return;
    }
    const orderId = String(reply.body['order_id']);
    const promised = { orderId, clientOrderId, userId: customer.userId, cancelled: false };
    const entry = { order, path: `/orders/${orderId}`, promised: [promised], customer };
    onPlaced?.(promised, plannedAt, performance.now());
    placed.push(entry);
    if (body.order_type !== 'MARKET') cancellable.push(entry);
    tally.placed += 1;
  }

  async function list(number: number): Promise<void> {
    const customer = customers[random.below(customers.length)]!;
    const made = await placeList(customer, `load-${seed}-${number}`, random, asking);
    if (made === undefined) return;
    for (const known of [placed, cancellable]) known.push({ order: undefined, customer, ...made });
    tally.listed += 1;
  }

  function choose(number: number, plannedAt: number): Promise<void> {
    const chance = random.below(100);
    if (chance >= 100 - listPercent) return list(number);
    const at = -1 - random.below(Math.min(cancellable.length, recentOrders));
    const chosen = cancellable.at(at);
    if (chosen === undefined || chance >= cancelPercent + amendPercent) return place(number, plannedAt);
    if (chance >= cancelPercent)
      return chosen.order === undefined ? place(number, plannedAt) : amend(chosen, chosen.order, random, tally, asking);
    cancellable.splice(at, 1);
    return cancel(chosen, tally, asking);
  }

  function begin(number: number, plannedAt: number): void {
    const work = choose(number, plannedAt);
    const guarded = work.catch((error: unknown) => void faults.push(String(error)));
    running.add(guarded);
    void guarded.finally(() => running.delete(guarded));
  }

  const arriving = arrive(rate, () => stopping, begin);
  return {
    tally,
    faults,
    promised: () => placed.flatMap(({ promised }) => promised),
    async stop() {
      stopping = true;
      await arriving;
      await Promise.all(running);
      close();
    },
  };
}

async function cancel({ path, promised, customer }: Placed, tally: Tally, { ask, judge }: Asking): Promise<void> {
  const reply = await ask({ method: 'DELETE', path, token: customer.token });
  if (reply === undefined) return;
  if (reply.status !== 200 && reply.status !== 202) {
    judge(reply, `DELETE ${path}`);
    return;
  }
  for (const order of promised) order.cancelled = true;
  tally.cancelled += 1;
}

async function amend(
  { path, customer }: Placed,
  order: Order,
  random: Random,
  tally: Tally,
  { ask, judge }: Asking,
): Promise<void> {
  const body = randomAmend(random, order);
  const reply = await ask({ method: 'PATCH', path, token: customer.token, body });
  if (reply === undefined) return;
  if (reply.status === 200 || reply.status === 202) tally.amended += 1;
  else judge(reply, 'PATCH /orders', amendRefusals);
}

/** Calls `begin` at times that are fixed beforehand, `rate` a second. */
async function arrive(
  rate: number,
  isOver: () => boolean,
  begin: (number: number, plannedAt: number) => void,
): Promise<void> {
  const startedAt = performance.now();
  for (let number = 0; !isOver(); number += 1) {
    const plannedAt = startedAt + (number * 1000) / rate;
    const early = plannedAt - performance.now();
    if (early > 0) await sleep(early);
    begin(number, plannedAt);
  }
}

/** Cancelled is one of so many that came last: older ones are mostly filled. */
const recentOrders = 20;

/** Another quantity, mostly; another price too where the order has one. */
function randomAmend(random: Random, { symbol, order_type, price, quantity }: Order) {
  const changed = (Number(quantity) * (0.5 + random.below(100) / 100)).toFixed(symbol === 'ETH/USDT' ? 3 : 4);
  if (order_type === 'STOP' || random.below(2) === 0) return { quantity: changed };
  const other = (Number(price) * (1 + random.around(20) / 100_000)).toFixed(2);
  return random.below(2) === 0 ? { price: other } : { price: other, quantity: changed };
}

interface Order {
  readonly symbol: string;
  readonly side: string;
  readonly order_type: string;
  readonly time_in_force?: string;
  readonly quantity: string;
  readonly price?: string;
  readonly stop_price?: string;
}

/** Around the seeded markets' initial prices: most cross something, some rest. */
export function randomOrder(random: Random): Order {
  const side = random.below(2) === 0 ? 'BUY' : 'SELL';
  const [symbol, middle, lot] = random.below(4) === 0 ? ['ETH/USDT', 3_000, 0.001] : ['BTC/USDT', 50_000, 0.0001];
  const quantity = ((10 + random.below(50)) * lot).toFixed(4);
  const chance = random.below(100);
  if (chance < 8) return { symbol, side, order_type: 'MARKET', quantity };
  if (chance >= 95) return { symbol, side, quantity, ...randomStop(random, middle, side) };
  const price = (middle * (1 + random.around(100) / 100_000)).toFixed(2);
  const time_in_force = chance < 14 ? 'IOC' : chance < 18 ? 'FOK' : 'GTC';
  return { symbol, side, order_type: 'LIMIT', time_in_force, quantity, price };
}

/** A little beyond the market, which comes to most of them; some would trigger at once and are rejected. */
function randomStop(
  random: Random,
  middle: number,
  side: 'BUY' | 'SELL',
): Pick<Order, 'order_type' | 'stop_price' | 'price'> {
  const away = (side === 'BUY' ? 1 : -1) * random.below(100);
  const stop_price = (middle * (1 + away / 100_000)).toFixed(2);
  return random.below(2) === 0
    ? { order_type: 'STOP', stop_price }
    : { order_type: 'STOP_LIMIT', stop_price, price: stop_price };
}
