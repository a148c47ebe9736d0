-- The books are corrected by new transfers between a user and the house's suspense account, each approved by two
-- officers. The row's state decides; its workflow only asks.
CREATE TABLE ledger.adjustments (
    adjustment_id        uuid            CONSTRAINT adjustments_pkey PRIMARY KEY,
    -- The member of the staff who wants it: never one of the two.
    requested_by         uuid            NOT NULL,
    client_adjustment_id text            NOT NULL,
    user_id              uuid            NOT NULL,
    asset                text            NOT NULL CONSTRAINT adjustment_asset_fkey REFERENCES ledger.assets,
    amount               numeric(38, 18) NOT NULL,
    -- CREDIT: to the user; DEBIT: from her.
    direction            text            NOT NULL,
    reason               text            NOT NULL,
    -- What it goes back to: a ticket, a case of breaks, a transaction.
    reference            text,
    state                text            NOT NULL DEFAULT 'REVIEW',
    -- Why it ended otherwise than posted.
    ended_reason         text,
    ended_at             timestamptz,
    created_at           timestamptz     NOT NULL,
    CONSTRAINT adjustment_client_id_once UNIQUE (requested_by, client_adjustment_id),
    CONSTRAINT adjustment_not_ones_own CHECK (requested_by <> user_id),
    CONSTRAINT adjustment_amount_positive CHECK (amount > 0),
    CONSTRAINT adjustment_direction_known CHECK (direction IN ('CREDIT', 'DEBIT')),
    CONSTRAINT adjustment_has_reason CHECK (trim(reason) <> ''),
    CONSTRAINT adjustment_state_known CHECK (state IN ('REVIEW', 'POSTED', 'REJECTED', 'EXPIRED', 'REFUSED')),
    CONSTRAINT adjustment_ended CHECK ((state = 'REVIEW') = (ended_at IS NULL)),
    CONSTRAINT adjustment_ended_why CHECK ((state IN ('REVIEW', 'POSTED')) = (ended_reason IS NULL))
);
CREATE INDEX adjustments_open ON ledger.adjustments (adjustment_id) WHERE ended_at IS NULL;

-- Moves an amount from the house's suspense account to a user's available account, or back. Answers false, and moves
-- nothing, when the user has less. The transfer's id is the adjustment's with leg 1, so a second one breaks
-- transfers_pkey.
CREATE FUNCTION ledger.adjust(
    adjustment_id uuid, user_id uuid, asset_name text, amount numeric, is_credit boolean, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    available_id bigint;
    suspense_id  bigint;
BEGIN
    PERFORM ledger.ensure_house_accounts('suspense', ARRAY[asset_name], '');
    IF is_credit THEN
        PERFORM ledger.ensure_accounts(ARRAY[user_id], ARRAY[asset_name]);
    END IF;
    available_id := (SELECT account_id FROM ledger.accounts
                      WHERE owner_id = user_id AND asset = asset_name AND kind = 'available');
    suspense_id := (SELECT account_id FROM ledger.accounts
                     WHERE owner_id IS NULL AND asset = asset_name AND kind = 'suspense');
    PERFORM ledger.lock_accounts(ARRAY[available_id, suspense_id]);
    IF NOT is_credit
       AND coalesce((SELECT balance FROM ledger.accounts WHERE account_id = available_id), 0) < amount THEN
        RETURN false;
    END IF;
    PERFORM ledger.post_locked(ARRAY[ledger.leg_id(adjustment_id, 1)], ARRAY[adjustment_id],
                               ARRAY['ADJUSTMENT'::ledger.transfer_kind],
                               ARRAY[CASE WHEN is_credit THEN suspense_id ELSE available_id END],
                               ARRAY[CASE WHEN is_credit THEN available_id ELSE suspense_id END],
                               ARRAY[amount], ARRAY['ADJUSTMENT'], at);
    RETURN true;
END $$;

-- Adjustments are decided too.
ALTER TABLE compliance.decisions
    DROP CONSTRAINT decision_subject_known,
    ADD CONSTRAINT decision_subject_known CHECK (subject IN ('kyc', 'withdrawal', 'trade', 'breaks', 'adjustment'));
