/* The trade ${tradeId}; no row when unknown. Locks nothing. */
SELECT trade_id, symbol, trade_seq, buyer_user_id, seller_user_id, buyer_order_id, seller_order_id, base_amount,
       quote_amount, buyer_fee, seller_fee, buyer_release, executed_at,
       coalesce(buyer_list_id, buyer_order_id) AS buyer_reservation_id,
       coalesce(seller_list_id, seller_order_id) AS seller_reservation_id
  FROM trading.trades
 WHERE trade_id = ${tradeId};
