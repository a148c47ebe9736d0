/*
  The market ${symbol} as its last commit left it, with the version of its rules that it had taken in; prices and
  quantities as whole ticks and lots. No row for a symbol that has no market. Locks nothing.
*/
SELECT state.epoch, state.batch, state.batch_time, state.book_seq, state.trade_seq, state.stop_seq,
       state.last_stream_id, state.state_hash, state.version, market.base, market.quote,
       market.status,
       coalesce(state.last_price / market.tick_size, 0)::bigint AS last_ticks,
       ceil(market.min_price / market.tick_size)::bigint AS min_ticks,
       floor(market.max_price / market.tick_size)::bigint AS max_ticks,
       ceil(market.min_quantity / market.lot_size)::bigint AS min_lots,
       floor(market.max_quantity / market.lot_size)::bigint AS max_lots
  FROM trading.market_state AS state
  JOIN trading.market_versions AS market USING (symbol, version)
 WHERE state.symbol = ${symbol};
