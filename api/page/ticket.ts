import { part, write } from './dom.ts';
import { decimalsOf, product, show } from './format.ts';
import { call, Refusal, sayWhy } from './rest.ts';
import type { Session } from './session.ts';
import type { Balance, Market, Order, OrderRequest } from './types.ts';

/** The form that places orders. */
export interface Ticket {
  show(market: Market): void;
  setPrice(price: string): void;
  setBalances(balances: readonly Balance[]): void;
}

/** Makes the ticket of a signed-in user. */
export function createTicket(session: Session): Ticket {
  const form = part('ticket', HTMLFormElement);
  const price = part('price', HTMLInputElement);
  const quantity = part('quantity', HTMLInputElement);
  const said = part('ticket-said', HTMLElement);
  const submit = part('place', HTMLButtonElement);
  const sender = createSender();
  let market: Market | undefined;
  let balances: readonly Balance[] = [];

  const side = (): OrderRequest['side'] => (new FormData(form).get('side') === 'SELL' ? 'SELL' : 'BUY');
  const isLimit = (): boolean => new FormData(form).get('order_type') === 'LIMIT';

  function draw(): void {
    if (market !== undefined) drawTicket({ price, quantity, submit }, market, balances, side(), isLimit());
  }

  async function place({ symbol, base, lot_size }: Market): Promise<void> {
    const request: OrderRequest = { symbol, side: side(), order_type: 'MARKET', quantity: quantity.value.trim() };
    const limit = { ...request, order_type: 'LIMIT', price: price.value.trim() } as const;
    mark([price, quantity], new Map());
    write(said, 'Sending…');
    submit.disabled = true;
    try {
      const placed = await sender.send(isLimit() ? limit : request, session.token());
      write(
        said,
        `Accepted: ${placed.side.toLowerCase()} ${show(placed.quantity ?? '0', decimalsOf(lot_size))} ${base}.`,
      );
      quantity.value = '';
      draw();
    } catch (error) {
      write(said, sayWhy(error));
      if (error instanceof Refusal) mark([price, quantity], error.faults);
    } finally {
      submit.disabled = false;
    }
  }

  form.addEventListener('input', draw);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (market !== undefined) void place(market);
  });
  return {
    show(next) {
      if (market?.symbol !== next.symbol) [price.value, quantity.value] = ['', ''];
      market = next;
      draw();
    },
    setPrice(next) {
      price.value = next;
      draw();
    },
    setBalances(next) {
      balances = next;
      draw();
    },
  };
}

interface Fields {
  readonly price: HTMLInputElement;
  readonly quantity: HTMLInputElement;
  readonly submit: HTMLButtonElement;
}

function drawTicket(
  { price, quantity, submit }: Fields,
  { base, quote, tick_size, lot_size }: Market,
  balances: readonly Balance[],
  side: OrderRequest['side'],
  isLimit: boolean,
): void {
  const buys = side === 'BUY';
  const worth = isLimit ? product(price.value, quantity.value) : undefined;
  const spent = buys ? quote : base;
  const available = balances.find(({ asset }) => asset === spent)?.available ?? '0';
  part('price-row', HTMLElement).hidden = !isLimit;
  write(part('price-unit', HTMLElement), quote);
  write(part('quantity-unit', HTMLElement), base);
  write(part('worth', HTMLElement), worth === undefined ? '–' : `${show(worth)} ${quote}`);
  write(part('available', HTMLElement), `${show(available)} ${spent}`);
  price.title = `Steps of ${tick_size}`;
  quantity.title = `Steps of ${lot_size}`;
  write(submit, `${buys ? 'Buy' : 'Sell'} ${base}`);
  submit.className = buys ? 'buy' : 'sell';
}

function mark(fields: readonly HTMLInputElement[], faults: ReadonlyMap<string, string>): void {
  for (const field of fields) {
    const fault = faults.get(field.name);
    field.setAttribute('aria-invalid', String(fault !== undefined));
    write(part(`${field.name}-fault`, HTMLElement), fault ?? '');
  }
}

/** Sends orders under ids of their own: what got no answer and is sent once more is placed once. */
function createSender() {
  let unanswered: { readonly content: string; readonly id: string } | undefined;

  return {
    async send(request: OrderRequest, token: string | undefined): Promise<Order> {
      const content = JSON.stringify(request);
      if (unanswered?.content !== content) unanswered = { content, id: newId() };
      const body = { ...request, client_order_id: unanswered.id };
      try {
        const placed = await call<Order>('POST', '/orders', { token, body });
        unanswered = undefined;
        return placed;
      } catch (error) {
        if (error instanceof Refusal) unanswered = undefined;
        throw error;
      }
    },
  };
}

/** Not `crypto.randomUUID`: browsers have it on encrypted pages and on this machine's own only. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
