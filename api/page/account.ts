import type { OrdersEvent } from '../../contract/websocket.ts';
import { painter, part, write } from './dom.ts';
import type { Live } from './live.ts';
import { createOrdersView } from './orders-view.ts';
import { createOwnOrders } from './own-orders.ts';
import { call, sayWhy } from './rest.ts';
import type { Session } from './session.ts';
import { runSignIn } from './sign-in.ts';
import { createTicket, type Ticket } from './ticket.ts';
import type { Market, Order } from './types.ts';

/** What a user sees of her own: the form to sign in, or the ticket and her open orders. */
export interface Account extends Pick<Ticket, 'show' | 'setPrice'> {
  /** A user has signed in, or nobody is signed in any more. */
  setSignedIn(signedIn: boolean): void;
}

/** Makes the account's part of the page. */
export function createAccount(live: Live, session: Session, markets: readonly Market[]): Account {
  const ticket = createTicket(session);
  const said = part('orders-said', HTMLElement);
  let leave: readonly (() => void)[] = [];

  const drawOrders = createOrdersView(cancel);
  const orders = createOwnOrders({ load, onChange: painter(() => drawOrders(orders.list(), markets)) });

  async function load(orderId: string): Promise<Order | undefined> {
    try {
      return await call<Order>('GET', `/orders/${orderId}`, { token: session.token() });
    } catch (error) {
      write(said, sayWhy(error));
      return undefined;
    }
  }

  async function cancel({ order_id }: Order): Promise<void> {
    try {
      await call('DELETE', `/orders/${order_id}`, { token: session.token() });
    } catch (error) {
      write(said, sayWhy(error));
    }
  }

  const takeOrders = (event: OrdersEvent): void => {
    for (const { symbol, status, reason } of orders.take(event)) {
      const why = reason === undefined ? '' : ` (${reason.toLowerCase().replaceAll('_', ' ')})`;
      write(said, `${symbol}: an order is ${status.toLowerCase()}${why}.`);
    }
  };

  runSignIn(session);
  part('sign-out', HTMLButtonElement).addEventListener('click', () => session.signOut());
  return {
    show: ticket.show,
    setPrice: ticket.setPrice,
    setSignedIn(signedIn) {
      part('signed-out', HTMLElement).hidden = signedIn;
      part('signed-in', HTMLElement).hidden = !signedIn;
      part('orders', HTMLElement).hidden = !signedIn;
      if (signedIn === leave.length > 0) return;
      for (const end of leave) end();
      leave = signedIn
        ? [live.follow('orders', takeOrders), live.follow('balances', ({ data }) => ticket.setBalances(data))]
        : [];
      orders.clear();
      write(said, '');
    },
  };
}
