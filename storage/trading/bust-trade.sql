/*
  Takes the trade ${tradeId} back and makes its candles of ${intervals} (${widths} ms) anew. One row: false when there
  is no such trade. A second time breaks busted_trades_pkey. Locks the market's candle progress, then candles.
*/
SELECT trading.bust_trade(${tradeId}, ${intervals}::text[], ${widths}::bigint[], ${at}) AS busted;
