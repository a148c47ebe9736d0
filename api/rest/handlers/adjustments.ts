import type { adjustmentOperations } from '../../../contract/adjustments.ts';
import type { Adjustments } from '../../../services/ledger/adjustments.ts';
import { presentAdjustment } from '../../present/adjustment.ts';
import { nextCursor } from '../../present/page.ts';
import type { Handlers } from '../door.ts';

/** Corrections of the books, for the staff. */
export const createAdjustmentHandlers = (adjustments: Adjustments): Handlers<typeof adjustmentOperations> => ({
  async requestAdjustment({ body }, { caller, origin, setHeader }) {
    const { client_adjustment_id: clientAdjustmentId, user_id: userId, reference, ...rest } = body;
    const request = { ...rest, clientAdjustmentId, userId, reference };
    const placed = await adjustments.request(caller, request, origin);
    setHeader('Location', `/api/v1/adjustments/${placed.adjustmentId}`);
    return presentAdjustment(placed);
  },
  async adjustments({ query: { status: state, limit, cursor: before } }) {
    const found = await adjustments.list({ state, before, limit });
    const next_cursor = nextCursor(found, limit, ({ adjustmentId }) => adjustmentId);
    return { items: found.map(presentAdjustment), next_cursor };
  },
  adjustment: async ({ params }) => presentAdjustment(await adjustments.get(params.adjustment_id)),
});
