-- Less to do for each order and trade.

-- trading.commit_batch() is the only writer of trades, and has changed both orders in the same commit. Each key cost a
-- look-up and a lock of an order for every trade; the reconciliation looks for what is missing.
ALTER TABLE trading.trades DROP CONSTRAINT trade_buyer_order_fkey, DROP CONSTRAINT trade_seller_order_fkey;

-- A query over a partition (%1$s) that has rows while rows elsewhere refer to it. They become no more once nothing in
-- it must stay, so that it is asked without a lock, and once.
ALTER TABLE partitions.tables ADD COLUMN referred text;
UPDATE partitions.tables SET referred = $$
        SELECT FROM trading.trades JOIN %1$s AS part ON part.order_id = buyer_order_id
         UNION ALL
        SELECT FROM trading.trades JOIN %1$s AS part ON part.order_id = seller_order_id
    $$
 WHERE parent = 'trading.orders';

-- True while a partition must stay: `stays` finds rows, or rows elsewhere refer to its rows. Locks nothing.
CREATE OR REPLACE FUNCTION partitions.in_use(parent regclass, part regclass, stays text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    referred text := (SELECT kept.referred FROM partitions.tables AS kept WHERE kept.parent::regclass = in_use.parent);
    used     boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (' || stays || ')', part) INTO used;
    IF NOT used AND referred IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (' || referred || ')', part) INTO used;
    END IF;
    RETURN used;
END $$;
