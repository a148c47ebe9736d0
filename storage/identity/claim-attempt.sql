/*
  Counts a try at an address before it is judged, so that tries running side by side cannot outnumber the limit.
  ${delays} holds the seconds of delay after the n-th failure in a row. Returns the count; no row when tries are delayed
  now and the device is not ${known}. Locks the address' row.
*/
INSERT INTO identity.login_failures AS f (address_hash, failures, delayed_until, updated_at)
VALUES (${addressHash}, 1, ${at}::timestamptz + make_interval(secs => (${delays}::int[])[1]), ${at})
    ON CONFLICT (address_hash) DO UPDATE
   SET failures = f.failures + 1,
       delayed_until = ${at}::timestamptz
                     + make_interval(secs => (${delays}::int[])[least(f.failures + 1, cardinality(${delays}::int[]))]),
       updated_at = ${at}
 WHERE ${known} OR f.delayed_until <= ${at}
RETURNING failures;
