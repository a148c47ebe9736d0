import type { PlacedOrder, TradingCommand } from '../domain/trading/command.ts';

/** A command that places an order, or the two of a list. */
export type Placement = Extract<TradingCommand, { readonly kind: 'PLACE' | 'PLACE_LIST' }>;

export const isPlacement = (command: TradingCommand): command is Placement =>
  command.kind === 'PLACE' || command.kind === 'PLACE_LIST';

/** The orders that a command places. */
export const placedBy = (command: Placement): readonly PlacedOrder[] =>
  command.kind === 'PLACE' ? [command.order] : [command.limit, command.stop];

/** The commands that placed these orders, in their order; of a list both legs are among them. */
export function placementsOf(orders: readonly PlacedOrder[]): readonly Placement[] {
  const stops = new Map(orders.flatMap((order) => (isStopLeg(order) ? [[order.orderListId, order] as const] : [])));
  return orders.flatMap((order): readonly Placement[] => {
    const { orderListId } = order;
    if (orderListId === undefined) return [{ kind: 'PLACE', order }];
    const stop = stops.get(orderListId);
    return stop === undefined || stop === order ? [] : [{ kind: 'PLACE_LIST', orderListId, limit: order, stop }];
  });
}

const isStopLeg = ({ orderListId, stopTicks }: PlacedOrder): boolean => orderListId !== undefined && stopTicks > 0;
