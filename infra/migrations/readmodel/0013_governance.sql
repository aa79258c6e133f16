-- Halts in force, changes that wait for a second person, and every version of limits.
SET ROLE patriot_owner;

CREATE TABLE model.risk_halts (
    scope     text        NOT NULL,
    subject   text        NOT NULL,
    mode      text        NOT NULL,
    reason    text        NOT NULL,
    halted_by text        NOT NULL,
    halted_at timestamptz NOT NULL,
    position  bigint      NOT NULL,
    PRIMARY KEY (scope, subject)
);

CREATE TABLE model.risk_changes (
    change_id         uuid        NOT NULL,
    account_id        uuid        NOT NULL,
    kind              text        NOT NULL,
    scope             text,
    subject           text,
    status            text        NOT NULL,
    limits            text,
    looser            text        NOT NULL,
    reason            text,
    proposed_by       text        NOT NULL,
    proposed_at       timestamptz NOT NULL,
    proposed_position bigint      NOT NULL,
    expires_at        timestamptz NOT NULL,
    decided_by        text,
    decided_at        timestamptz,
    remark            text,
    position          bigint      NOT NULL,
    PRIMARY KEY (account_id, change_id)
);
CREATE INDEX risk_changes_by_place ON model.risk_changes (proposed_position);
CREATE INDEX risk_changes_by_account ON model.risk_changes (account_id, proposed_position);

CREATE TABLE model.limits_history (
    account_id     uuid        NOT NULL,
    limits_version bigint      NOT NULL,
    limits         text        NOT NULL,
    changes        text        NOT NULL,
    set_by         text        NOT NULL,
    proposed_by    text,
    change_id      uuid,
    set_at         timestamptz NOT NULL,
    position       bigint      NOT NULL,
    PRIMARY KEY (account_id, limits_version)
);

CREATE VIEW read.risk_halts AS
SELECT scope, subject, mode, reason, halted_by, halted_at, position FROM model.risk_halts;
COMMENT ON VIEW read.risk_halts IS 'One row for each halt in force, of whatever scope.';
COMMENT ON COLUMN read.risk_halts.scope IS 'account, platform, user, venue or strategy.';
COMMENT ON COLUMN read.risk_halts.subject IS 'The account, user, venue or strategy; empty for the platform.';
COMMENT ON COLUMN read.risk_halts.mode IS 'full: no new order; reduce_only: only orders that make a position smaller.';
COMMENT ON COLUMN read.risk_halts.reason IS 'Why, in the words of who halted.';
COMMENT ON COLUMN read.risk_halts.halted_by IS 'Subject of the token that halted.';
COMMENT ON COLUMN read.risk_halts.halted_at IS 'When it was recorded.';
COMMENT ON COLUMN read.risk_halts.position IS 'Log position of the halt.';

CREATE VIEW read.risk_changes AS
SELECT change_id, account_id, kind, scope, subject,
       CASE WHEN status = 'pending' AND expires_at <= now() THEN 'expired' ELSE status END AS status,
       limits, string_to_array(looser, ',') AS looser, reason, proposed_by, proposed_at,
       proposed_position, expires_at, decided_by, decided_at, remark, position
  FROM model.risk_changes;
COMMENT ON VIEW read.risk_changes IS 'Every change that was to be approved by a second person, and what became of it.';
COMMENT ON COLUMN read.risk_changes.change_id IS 'Id of the command that proposed it; unique within the account.';
COMMENT ON COLUMN read.risk_changes.account_id IS 'The account; zeros stand for the whole platform.';
COMMENT ON COLUMN read.risk_changes.kind IS 'limits: looser limits; resume: the end of a halt.';
COMMENT ON COLUMN read.risk_changes.scope IS 'Of a resumption: account, platform, user, venue or strategy; null for limits.';
COMMENT ON COLUMN read.risk_changes.subject IS 'Of a resumption: which user, venue or strategy; null for limits.';
COMMENT ON COLUMN read.risk_changes.status IS 'pending, approved, refused, withdrawn, superseded or expired.';
COMMENT ON COLUMN read.risk_changes.limits IS 'The proposed limits as JSON, those that are not set left out; null for a resumption.';
COMMENT ON COLUMN read.risk_changes.looser IS 'Names of the limits that it would loosen; limits stands for the first ones of an account.';
COMMENT ON COLUMN read.risk_changes.reason IS 'Why trading is to be resumed; null for limits.';
COMMENT ON COLUMN read.risk_changes.proposed_by IS 'Subject of the token that proposed it.';
COMMENT ON COLUMN read.risk_changes.proposed_at IS 'When it was recorded.';
COMMENT ON COLUMN read.risk_changes.proposed_position IS 'Log position of the proposal.';
COMMENT ON COLUMN read.risk_changes.expires_at IS 'From then on it cannot be approved.';
COMMENT ON COLUMN read.risk_changes.decided_by IS 'Who approved, refused or withdrew it; null before and where nobody did.';
COMMENT ON COLUMN read.risk_changes.decided_at IS 'When it left the list; null while it waits.';
COMMENT ON COLUMN read.risk_changes.remark IS 'Why it was refused or withdrawn; null otherwise.';
COMMENT ON COLUMN read.risk_changes.position IS 'Log position of the last event about it.';

CREATE VIEW read.limits_history AS
SELECT account_id, limits_version, limits, string_to_array(changes, E'\n') AS changes, set_by,
       proposed_by, change_id, set_at, position
  FROM model.limits_history;
COMMENT ON VIEW read.limits_history IS 'Every version of every account''s limits: who changed what and when.';
COMMENT ON COLUMN read.limits_history.account_id IS 'The account.';
COMMENT ON COLUMN read.limits_history.limits_version IS 'Version of the limits, from 1; decisions name it.';
COMMENT ON COLUMN read.limits_history.limits IS 'All limits of the version as JSON, those that are not set left out.';
COMMENT ON COLUMN read.limits_history.changes IS 'What is another than in the version before, e.g. loss 500 -> 900.';
COMMENT ON COLUMN read.limits_history.set_by IS 'Subject of the token that set them, or that approved them where another had proposed.';
COMMENT ON COLUMN read.limits_history.proposed_by IS 'Who proposed them; null where no second person was needed.';
COMMENT ON COLUMN read.limits_history.change_id IS 'The change in read.risk_changes; null where no second person was needed.';
COMMENT ON COLUMN read.limits_history.set_at IS 'When they began to hold.';
COMMENT ON COLUMN read.limits_history.position IS 'Log position of the event.';

RESET ROLE;
