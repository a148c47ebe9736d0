/*
  Adds audit rows, one per array position. Returns nothing; takes no lock but those of the new rows.
  A row that exists is left alone: the id is the caller's, and a repeated transaction says the same again.
*/
INSERT INTO audit.audit_logs
    (id, at, actor, user_id, action, resource, resource_id, result, details, ip_address, user_agent, trace_id)
SELECT id, at, actor, user_id, action, resource, resource_id, result, details, ip_address, user_agent, trace_id
  FROM jsonb_to_recordset(${rows}::jsonb) AS entry
       (id uuid, at timestamptz, actor text, user_id uuid, action text, resource text, resource_id text, result text,
        details jsonb, ip_address inet, user_agent text, trace_id text)
    ON CONFLICT (id) DO NOTHING;
