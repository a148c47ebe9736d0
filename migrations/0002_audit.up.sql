-- Who did what, on what, when, from where and with which result. Rows are only ever added.
CREATE SCHEMA audit;

-- The id is a UUIDv7, so that a range over ids is a range over time and the primary key is the id alone.
CREATE TABLE audit.audit_logs (
    id          uuid        NOT NULL,
    at          timestamptz NOT NULL,
    actor       text        NOT NULL,
    user_id     uuid,
    action      text        NOT NULL,
    resource    text        NOT NULL,
    resource_id text        NOT NULL,
    result      text        NOT NULL,
    details     jsonb       NOT NULL DEFAULT '{}',
    ip_address  inet,
    user_agent  text,
    trace_id    text        NOT NULL,
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id),
    CONSTRAINT audit_actor_known CHECK (actor IN ('user', 'officer', 'service', 'system')),
    CONSTRAINT audit_result_known CHECK (result IN ('done', 'refused'))
) PARTITION BY RANGE (id);
CREATE INDEX audit_logs_user ON audit.audit_logs (user_id, id);
CREATE INDEX audit_logs_resource ON audit.audit_logs (resource, resource_id, id);
CREATE TABLE audit.audit_logs_default PARTITION OF audit.audit_logs DEFAULT;

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit.audit_logs
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit.audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit.audit_logs_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- The smallest UUIDv7 of a millisecond.
CREATE FUNCTION audit.first_id_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- Makes the partition of the month (UTC) that `at` lies in, when it is missing.
CREATE FUNCTION audit.add_month(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month      timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
    first_id   uuid      := audit.first_id_at(month AT TIME ZONE 'UTC');
    last_id    uuid      := audit.first_id_at((month + interval '1 month') AT TIME ZONE 'UTC');
    part       text      := 'audit_logs_' || to_char(month, 'YYYYMMDD');
BEGIN
    IF to_regclass('audit.' || part) IS NULL THEN
        EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.audit_logs FOR VALUES FROM (%L) TO (%L)',
                       part, first_id, last_id);
        EXECUTE format('CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', part);
    END IF;
END $$;

-- A year ahead; a schedule adds months later. What still has no month of its own lands in the default partition.
SELECT audit.add_month(now() + make_interval(months => ahead)) FROM generate_series(0, 12) AS ahead;

-- Links committed lines in the order one chainer saw them; writers never wait for it. Line n proves all before it.
CREATE TABLE audit.audit_chain (
    seq           bigint NOT NULL,
    audit_id      uuid   NOT NULL,
    row_hash      bytea  NOT NULL,
    previous_hash bytea  NOT NULL,
    hash          bytea  NOT NULL,
    CONSTRAINT audit_chain_pkey PRIMARY KEY (seq),
    CONSTRAINT audit_chain_links_once UNIQUE (audit_id)
);
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit.audit_chain
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit.audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- What the chain proves of a line: every column, in a spelling that depends on no setting.
CREATE FUNCTION audit.row_hash(line audit.audit_logs) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        line.id, (extract(epoch FROM line.at) * 1000000)::bigint, line.actor, line.user_id, line.action, line.resource,
        line.resource_id, line.result, line.details, host(line.ip_address), line.user_agent, line.trace_id
    )::text, 'UTF8'))
$$;
