/* What a user's withdrawals since ${day} and since ${month} are worth, but for those given back. One row. */
SELECT trim_scale(coalesce(sum(quote_value) FILTER (WHERE created_at > ${day}), 0))::text AS day,
       trim_scale(coalesce(sum(quote_value), 0))::text AS month
  FROM payments.withdrawals
 WHERE user_id = ${userId} AND created_at > ${month} AND state NOT IN ('CANCELLED', 'REJECTED', 'EXPIRED');
