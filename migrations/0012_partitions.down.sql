-- Fails while something is archived: that would be lost.
DROP SCHEMA archive;
DROP FUNCTION partitions.put_away, partitions.in_use, partitions.attach_with_strays, partitions.add,
              partitions.strays_of, partitions.prepare, partitions.lock, partitions.strays, partitions.references_to,
              partitions.referring_to, partitions.referred_by, partitions.key_of, partitions.default_of,
              partitions.parts;
DROP TABLE partitions.tables;
