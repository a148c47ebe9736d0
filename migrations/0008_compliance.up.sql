-- Who may trade: KYC cases with their checks, and what officers decided, on cases and on withdrawals alike.
CREATE SCHEMA compliance;

-- A case ends once; whoever submits again after a rejection gets a new one, linked to the old. Personal data stands
-- here and nowhere else of this module.
CREATE TABLE compliance.kyc_cases (
    case_id             uuid        NOT NULL,
    user_id             uuid        NOT NULL,
    previous_case_id    uuid,
    state               text        NOT NULL,
    -- Counts what the customer sent: 0 before anything, one more each time an officer asked for more.
    submission          integer     NOT NULL DEFAULT 0,
    full_name           text,
    -- The name as duplicates are looked for: without accents, order and capitals.
    name_key            text,
    date_of_birth       date,
    country             text,
    address             text,
    document_type       text,
    document_number     text,
    document_country    text,
    document_expires_on date,
    documents           text[]      NOT NULL DEFAULT '{}',
    risk_score          smallint,
    risk_reasons        jsonb       NOT NULL DEFAULT '[]',
    -- What the officer asked of the customer, in her words.
    asked               text,
    submitted_at        timestamptz,
    review_since        timestamptz,
    decided_at          timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT kyc_cases_pkey PRIMARY KEY (case_id),
    CONSTRAINT kyc_case_previous_fkey FOREIGN KEY (previous_case_id) REFERENCES compliance.kyc_cases,
    CONSTRAINT kyc_case_state_known
        CHECK (state IN ('draft', 'screening', 'review', 'more_info', 'verified', 'rejected')),
    CONSTRAINT kyc_case_submitted CHECK (state = 'draft' OR submission > 0),
    CONSTRAINT kyc_case_decided CHECK ((state IN ('verified', 'rejected')) = (decided_at IS NOT NULL)),
    CONSTRAINT kyc_case_assessed CHECK (state IN ('draft', 'screening') OR risk_score IS NOT NULL)
);
CREATE UNIQUE INDEX kyc_case_one_open ON compliance.kyc_cases (user_id) WHERE state NOT IN ('verified', 'rejected');
CREATE INDEX kyc_cases_user ON compliance.kyc_cases (user_id, case_id);
CREATE INDEX kyc_cases_running ON compliance.kyc_cases (case_id) WHERE state IN ('screening', 'review', 'more_info');
CREATE INDEX kyc_cases_document ON compliance.kyc_cases (document_number, document_country);
CREATE INDEX kyc_cases_name ON compliance.kyc_cases (name_key, date_of_birth);

-- What each automated check found about one submission; a check that could not be made has no row, and the case waits.
CREATE TABLE compliance.kyc_checks (
    case_id    uuid        NOT NULL,
    submission integer     NOT NULL,
    kind       text        NOT NULL,
    points     smallint    NOT NULL,
    reasons    jsonb       NOT NULL,
    -- Which rules or list versions it was checked by.
    source     text        NOT NULL,
    checked_at timestamptz NOT NULL,
    CONSTRAINT kyc_checks_pkey PRIMARY KEY (case_id, submission, kind),
    CONSTRAINT kyc_check_case_fkey FOREIGN KEY (case_id) REFERENCES compliance.kyc_cases ON DELETE CASCADE,
    CONSTRAINT kyc_check_kind_known CHECK (kind IN ('document', 'names', 'duplicates', 'country')),
    CONSTRAINT kyc_check_points_range CHECK (points BETWEEN 0 AND 100)
);

-- A decision of a proven officer. Written in the transaction that spends her code; never changed. `binding` names the
-- very update or request it came by, so that a repeat finds its first answer.
CREATE TABLE compliance.decisions (
    decision_id uuid        NOT NULL,
    subject     text        NOT NULL,
    subject_id  uuid        NOT NULL,
    officer_id  uuid        NOT NULL,
    outcome     text        NOT NULL,
    revision    text        NOT NULL,
    reason      text        NOT NULL,
    proof       text        NOT NULL,
    binding     text        NOT NULL,
    workflow_id text        NOT NULL,
    run_id      text,
    update_id   text,
    decided_at  timestamptz NOT NULL,
    CONSTRAINT decisions_pkey PRIMARY KEY (decision_id),
    CONSTRAINT decision_binding_once UNIQUE (binding),
    CONSTRAINT decision_officer_once UNIQUE (subject, subject_id, revision, officer_id),
    CONSTRAINT decision_subject_known CHECK (subject IN ('kyc', 'withdrawal', 'trade')),
    CONSTRAINT decision_outcome_known CHECK (outcome IN ('approve', 'reject', 'more_info')),
    CONSTRAINT decision_proof_known CHECK (proof IN ('totp', 'session')),
    CONSTRAINT decision_has_reason CHECK (length(trim(reason)) >= 3)
);

CREATE FUNCTION compliance.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON compliance.decisions
    FOR EACH ROW EXECUTE FUNCTION compliance.refuse_change();
CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON compliance.decisions
    FOR EACH STATEMENT EXECUTE FUNCTION compliance.refuse_change();
