import { part, write } from './dom.ts';
import { decimalsOf, product, show } from './format.ts';
import { createOrderSender } from './order-sender.ts';
import { Refusal, sayWhy } from './rest.ts';
import type { Session } from './session.ts';
import type { Balance, Market, OrderRequest } from './types.ts';

/** The form that places orders. */
export interface Ticket {
  show(market: Market): void;
  setPrice(price: string): void;
  setBalances(balances: readonly Balance[]): void;
}

/** Makes the ticket of a signed-in user. */
export function createTicket(session: Session): Ticket {
  const form = findForm();
  const said = part('ticket-said', HTMLElement);
  const submit = part('place', HTMLButtonElement);
  const sender = createOrderSender();
  let market: Market | undefined;
  let balances: readonly Balance[] = [];

  const draw = (): void => {
    if (market !== undefined) drawTicket(form, market, balances);
  };

  async function place({ symbol, base, lot_size }: Market): Promise<void> {
    form.mark(new Map());
    write(said, 'Sending…');
    submit.disabled = true;
    try {
      const placed = await sender.send(form.read(symbol), session.token());
      const quantity = show(placed.quantity ?? '0', decimalsOf(lot_size));
      write(said, `Accepted: ${placed.side.toLowerCase()} ${quantity} ${base}.`);
      form.quantity.value = '';
      draw();
    } catch (error) {
      write(said, sayWhy(error));
      if (error instanceof Refusal) form.mark(error.faults);
    } finally {
      submit.disabled = false;
    }
  }

  form.element.addEventListener('input', draw);
  form.element.addEventListener('submit', (event) => {
    event.preventDefault();
    if (market !== undefined) void place(market);
  });
  return {
    show(next) {
      if (market?.symbol !== next.symbol) [form.price.value, form.quantity.value] = ['', ''];
      market = next;
      draw();
    },
    setPrice(next) {
      form.price.value = next;
      draw();
    },
    setBalances(next) {
      balances = next;
      draw();
    },
  };
}

/** The ticket's fields, and what is chosen in them. */
function findForm() {
  const element = part('ticket', HTMLFormElement);
  const price = part('price', HTMLInputElement);
  const quantity = part('quantity', HTMLInputElement);
  const side = (): OrderRequest['side'] => (new FormData(element).get('side') === 'SELL' ? 'SELL' : 'BUY');
  const isLimit = (): boolean => new FormData(element).get('order_type') === 'LIMIT';
  return {
    element,
    price,
    quantity,
    side,
    isLimit,
    read(symbol: string): OrderRequest {
      const request = { symbol, side: side(), quantity: quantity.value.trim() };
      return isLimit()
        ? { ...request, order_type: 'LIMIT', price: price.value.trim() }
        : { ...request, order_type: 'MARKET' };
    },
    /** Says at each field what is wrong with it. */
    mark(faults: ReadonlyMap<string, string>): void {
      for (const field of [price, quantity]) {
        const fault = faults.get(field.name);
        field.setAttribute('aria-invalid', String(fault !== undefined));
        write(part(`${field.name}-fault`, HTMLElement), fault ?? '');
      }
    },
  };
}

/** Writes what goes with what is filled in: units, worth, what there is to spend, and the button. */
function drawTicket(form: ReturnType<typeof findForm>, market: Market, balances: readonly Balance[]): void {
  const { base, quote, tick_size, lot_size } = market;
  const buys = form.side() === 'BUY';
  const worth = form.isLimit() ? product(form.price.value, form.quantity.value) : undefined;
  const spent = buys ? quote : base;
  const available = balances.find(({ asset }) => asset === spent)?.available ?? '0';
  part('price-row', HTMLElement).hidden = !form.isLimit();
  write(part('price-unit', HTMLElement), `${quote}, steps of ${tick_size}`);
  write(part('quantity-unit', HTMLElement), `${base}, steps of ${lot_size}`);
  write(part('worth', HTMLElement), worth === undefined ? '–' : `${show(worth)} ${quote}`);
  write(part('available', HTMLElement), `${show(available)} ${spent}`);
  const submit = part('place', HTMLButtonElement);
  write(submit, `${buys ? 'Buy' : 'Sell'} ${base}`);
  submit.className = buys ? 'buy' : 'sell';
}
