-- Ticks and lots become finer while a market is HALTED: the version of its rules that brought those it has.
ALTER TABLE trading.markets ADD COLUMN steps_version bigint NOT NULL DEFAULT 1;
ALTER TABLE trading.past_markets ADD COLUMN steps_version bigint NOT NULL DEFAULT 1;
CREATE OR REPLACE VIEW trading.market_versions AS
SELECT * FROM trading.markets UNION ALL SELECT * FROM trading.past_markets;
