CREATE OR REPLACE FUNCTION partitions.in_use(parent regclass, part regclass, stays text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    used  boolean;
    refer record;
BEGIN
    EXECUTE format('SELECT EXISTS (' || stays || ')', part) INTO used;
    -- A join, other than the condition of references_to(), stays fast whatever the size of the partition.
    FOR refer IN SELECT conrelid::regclass AS source, attname
                   FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                  WHERE confrelid = parent AND contype = 'f' AND conparentid = 0
    LOOP
        EXIT WHEN used;
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS source JOIN %s AS part ON source.%I = part.%I)',
                       refer.source, part, refer.attname, partitions.key_of(parent)) INTO used;
    END LOOP;
    RETURN used;
END $$;
ALTER TABLE partitions.tables DROP COLUMN referred;
ALTER TABLE trading.trades
    ADD CONSTRAINT trade_buyer_order_fkey FOREIGN KEY (buyer_order_id) REFERENCES trading.orders,
    ADD CONSTRAINT trade_seller_order_fkey FOREIGN KEY (seller_order_id) REFERENCES trading.orders;
