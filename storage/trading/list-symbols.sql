/* The markets that have a book, by symbol. */
SELECT symbol FROM trading.market_state ORDER BY symbol;
