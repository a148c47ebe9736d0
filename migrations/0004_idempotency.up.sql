CREATE SCHEMA api;

-- One row a request that carried an Idempotency-Key: who sent it, what it said, and what was answered.
CREATE TABLE api.idempotency_keys (
    caller       text        NOT NULL,
    key          text        NOT NULL,
    operation    text        NOT NULL,
    content_hash text        NOT NULL,
    -- While running, the claim of the process that executes it; a claim that ran out may be taken over.
    claim        uuid        NOT NULL,
    claimed_until timestamptz NOT NULL,
    status       smallint,
    body         jsonb,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (caller, key),
    CONSTRAINT idempotency_key_short CHECK (length(key) BETWEEN 1 AND 255)
);

CREATE INDEX idempotency_keys_created_at ON api.idempotency_keys (created_at);

-- Which of these keys (parallel arrays) their callers used less than 24 hours before `at`, for whatever operation.
CREATE FUNCTION api.used_keys(callers text[], keys text[], at timestamptz)
RETURNS TABLE (caller text, key text) LANGUAGE sql STABLE AS $$
    SELECT known.caller, known.key
      FROM unnest(callers, keys) AS asked (caller, key)
      JOIN api.idempotency_keys AS known ON known.caller = asked.caller AND known.key = asked.key
     WHERE known.created_at >= at - interval '24 hours';
$$;
