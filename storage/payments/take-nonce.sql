/* Takes the next number of a rail. One row. Locks the rail's row until the transaction ends. */
INSERT INTO payments.nonces AS taken (rail, next)
VALUES (${rail}, 1)
    ON CONFLICT (rail) DO UPDATE SET next = taken.next + 1
RETURNING (next - 1)::text AS nonce;
