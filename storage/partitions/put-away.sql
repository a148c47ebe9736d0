/*
  Moves the partition ${part} of ${parent} to the archive, unless ${stays} finds rows in it. Always one row.
  Locks: see partitions.put_away().
*/
SELECT partitions.put_away(${parent}::regclass, ${part}, ${stays}) AS outcome;
