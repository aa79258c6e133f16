-- What became of copies when the leader's order was amended. Rows of before stay right as they are:
-- nothing of the kind had happened.
SET ROLE patriot_owner;

ALTER TABLE model.followers ADD COLUMN amended bigint NOT NULL DEFAULT 0;
ALTER TABLE model.copies ADD COLUMN amends bigint NOT NULL DEFAULT 0,
    ADD COLUMN amend_action text, ADD COLUMN amend_reason integer, ADD COLUMN amend_detail text,
    ADD COLUMN amended_at timestamptz;

CREATE OR REPLACE VIEW read.followers AS
SELECT strategy_id, account_id, following, rule, value, maximum, capital, capital_currency, paused,
       tolerance, drift_policy, copied, skipped, refused, drifts, reason, detail, drift_instrument,
       drift_held, drift_expected, drift_action, drift_at, begun_at, updated_at, position, version,
       amended
  FROM model.followers;
COMMENT ON COLUMN read.followers.amended IS 'Amends of the leader''s orders that were told to its copies, whatever came of it.';

CREATE OR REPLACE VIEW read.copies AS
SELECT strategy_id, intent_id, account_id, kind, instrument, outcome, order_id, side, quantity, price,
       held, equity, reason, detail, recorded_at, position, amends, amend_action, amend_reason,
       amend_detail, amended_at
  FROM model.copies;
COMMENT ON COLUMN read.copies.quantity IS 'What was ordered, or asked for by the last amend; null when skipped.';
COMMENT ON COLUMN read.copies.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.copies.amends IS 'Amends of the leader''s order since.';
COMMENT ON COLUMN read.copies.amend_action IS 'What came of the last one: amended, cancelled, kept or refused; null without one.';
COMMENT ON COLUMN read.copies.amend_reason IS 'Reason code; null when amended.';
COMMENT ON COLUMN read.copies.amend_detail IS 'The same in words.';
COMMENT ON COLUMN read.copies.amended_at IS 'When the last one was recorded.';

RESET ROLE;
