import { setTimeout as sleep } from 'node:timers/promises';
import type { Promised } from '../../test/_support/books.ts';
import { type Client, createClient, type Reply } from '../../test/_support/client.ts';
import { type Customer, expectedRefusals, randomOrder } from '../../test/_support/load.ts';
import { createRandom } from './random.ts';

/** What callers got who each wait for an answer before they ask again. */
export interface Turns {
  readonly placed: number;
  /** Of each request. */
  readonly milliseconds: readonly number[];
  /** Seconds until the last answer. */
  readonly elapsed: number;
  /** Answers that must not be given while nothing is broken: those of overload too. */
  readonly errors: number;
}

export interface TurnOptions {
  readonly callers: number;
  readonly ordersPerRequest: number;
  readonly seconds: number;
  /** Of the random orders; never twice the same for one exchange, since client order ids follow from it. */
  readonly seed: number;
}

export interface ClosedLoop {
  run(options: TurnOptions): Promise<Turns>;
  /** What was acknowledged, in all runs. */
  readonly promised: readonly Promised[];
  /** Errors, in all runs, in words. */
  readonly faults: readonly string[];
  close(): void;
}

interface Answered {
  readonly order?: Readonly<Record<string, unknown>>;
  readonly problem?: Readonly<Record<string, unknown>>;
}

/** Places orders over REST as fast as they are answered: random ones, each request of one random customer. */
export function createClosedLoop(rest: string, customers: readonly Customer[]): ClosedLoop {
  const client: Client = createClient(`${rest}/api/v1`);
  const promised: Promised[] = [];
  const faults: string[] = [];

  function take({ order, problem }: Answered, { userId }: Customer): boolean {
    if (order === undefined) {
      if (!expectedRefusals.has(String(problem?.['code']))) faults.push(JSON.stringify(problem));
      return false;
    }
    const [orderId, clientOrderId] = [String(order['order_id']), String(order['client_order_id'])];
    promised.push({ orderId, clientOrderId, userId, cancelled: false });
    return true;
  }

  async function run({ callers, ordersPerRequest, seconds, seed }: TurnOptions): Promise<Turns> {
    const random = createRandom(seed);
    const milliseconds: number[] = [];
    const faultsBefore = faults.length;
    const begun = performance.now();
    let [made, placed] = [0, 0];
    const next = (): object => ({ ...randomOrder(random), client_order_id: `turn-${seed}-${made++}` });

    async function ask(): Promise<void> {
      const customer = customers[random.below(customers.length)];
      if (customer === undefined) return;
      const orders = Array.from({ length: ordersPerRequest }, next);
      const [path, body] = ordersPerRequest === 1 ? ['/orders', orders[0]] : ['/orders/batch', { orders }];
      const sentAt = performance.now();
      const reply = await client.send({ method: 'POST', path, token: customer.token, body }).catch(unanswered);
      milliseconds.push(performance.now() - sentAt);
      for (const answer of answersOf(reply)) if (take(answer, customer)) placed += 1;
      // One that is refused for overload would else be refused thousands of times a second.
      if (reply.status >= 500) await sleep(100);
    }

    async function call(): Promise<void> {
      while (performance.now() - begun < seconds * 1_000) await ask();
    }

    await Promise.all(Array.from({ length: callers }, call));
    const elapsed = (performance.now() - begun) / 1_000;
    return { placed, milliseconds, elapsed, errors: faults.length - faultsBefore };
  }

  return { run, promised, faults, close: () => client.close() };
}

const unanswered = (error: unknown): Reply => ({ status: 500, body: { code: 'NO_ANSWER', detail: String(error) } });

/** An answer for each order, or one for all. */
function answersOf({ status, body }: Reply): readonly Answered[] {
  if (status === 201) return [{ order: body }];
  if (status === 200) return body['items'] as readonly Answered[];
  return [{ problem: body }];
}
