/* The partitions that ended before ${before} and may be put away, in the order to do it. Locks nothing. */
SELECT parent, part::text AS part, stays
  FROM partitions.tables, partitions.parts(parent::regclass)
 WHERE put_away IS NOT NULL
   AND end_id <= partitions.first_id_at(${before})
 ORDER BY put_away, first_id;
