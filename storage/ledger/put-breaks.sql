/*
  Keeps what was found at ${at} for a case, ${breaks}: JSON rows. One that is known is open again, with what is found of
  it now. Locks the rows.
*/
INSERT INTO ledger.breaks (break_id, case_id, check_of, subject, assets, finding, state, found_at, seen_at, mended_at)
SELECT break_id, ${caseId}, check_of, subject, assets, finding, state, ${at}, ${at},
       CASE WHEN state = 'mended' THEN ${at}::timestamptz END
  FROM json_to_recordset(${breaks}::json)
       AS found (break_id uuid, check_of text, subject text, assets text[], finding text, state text)
    ON CONFLICT ON CONSTRAINT break_once DO UPDATE
   SET finding = excluded.finding, assets = excluded.assets, state = excluded.state, seen_at = excluded.seen_at,
       mended_at = excluded.mended_at;
