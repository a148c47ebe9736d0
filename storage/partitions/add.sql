/*
  Makes the partition of ${parent} named after ${prefix}, from ${fromTime} to ${toTime}, moving at most ${mostMoved}
  rows out of DEFAULT. Always one row. Locks: see partitions.add().
*/
SELECT partitions.add(${parent}::regclass, ${prefix}, ${fromTime}, ${toTime}, ${mostMoved}) AS outcome;
