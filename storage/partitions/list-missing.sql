/*
  The partitions that should be there at ${at} and are not, those needed first before the others: those of the current
  periods and of the periods ahead, one row each. Locks nothing.
*/
SELECT parent, prefix, from_time, to_time
  FROM partitions.tables,
       LATERAL (SELECT (first + number * span) AT TIME ZONE 'UTC' AS from_time,
                       (first + (number + 1) * span) AT TIME ZONE 'UTC' AS to_time
                  FROM (SELECT date_trunc(step, ${at}::timestamptz AT TIME ZONE 'UTC') AS first,
                               ('1 ' || step)::interval AS span) AS period,
                       generate_series(0, ahead) AS number) AS wanted
 WHERE NOT EXISTS (SELECT FROM partitions.parts(parent::regclass)
                    WHERE first_id <= partitions.first_id_at(from_time)
                      AND partitions.first_id_at(from_time) < end_id)
 ORDER BY from_time, parent;
