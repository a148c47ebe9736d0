DROP VIEW trading.market_versions;
ALTER TABLE trading.markets DROP COLUMN steps_version;
ALTER TABLE trading.past_markets DROP COLUMN steps_version;
CREATE VIEW trading.market_versions AS
SELECT * FROM trading.markets UNION ALL SELECT * FROM trading.past_markets;
