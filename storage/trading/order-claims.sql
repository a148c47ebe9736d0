/*
  What each order that is not final needs of its reservation, by the reservation's id; the two of an order list share
  what the larger needs. What trades took that are not settled yet is not in it. Locks nothing.
*/
SELECT reservation_id, trim_scale(max(need))::text AS amount
  FROM (SELECT coalesce(order_list_id, order_id) AS reservation_id,
               CASE WHEN status = 'PENDING' OR quantity IS NULL THEN reserved_amount
                    ELSE (quantity - filled_quantity - prevented_quantity)
                         * CASE side WHEN 'BUY' THEN reserve_price ELSE 1 END END AS need
          FROM trading.orders
         WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')) AS unfinished
 GROUP BY reservation_id;
