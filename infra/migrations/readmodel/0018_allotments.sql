-- Limits wider than an account, and the shares of them that accounts hold.
SET ROLE patriot_owner;

CREATE TABLE model.wider_limits (
    scope    text        NOT NULL,
    subject  text        NOT NULL,
    counted  text        NOT NULL,
    currency text        NOT NULL,
    value    numeric,
    set_by   text        NOT NULL,
    set_at   timestamptz NOT NULL,
    position bigint      NOT NULL,
    PRIMARY KEY (scope, subject, counted, currency, position)
);

CREATE TABLE model.allotment_moves (
    scope      text        NOT NULL,
    subject    text        NOT NULL,
    counted    text        NOT NULL,
    currency   text        NOT NULL,
    account_id uuid        NOT NULL,
    direction  text        NOT NULL,
    amount     numeric     NOT NULL,
    share      numeric     NOT NULL,
    allotted   numeric     NOT NULL,
    value      numeric,
    used       numeric     NOT NULL,
    moved_by   text        NOT NULL,
    moved_at   timestamptz NOT NULL,
    position   bigint      NOT NULL,
    PRIMARY KEY (scope, subject, counted, currency, position)
);
CREATE INDEX allotment_moves_by_account
    ON model.allotment_moves (account_id, scope, subject, counted, currency, position DESC);

CREATE VIEW read.wider_limits AS
SELECT scope, subject, counted, currency, l.value, coalesce(m.allotted, 0) AS allotted,
       l.value - coalesce(m.allotted, 0) AS unallotted,
       l.set_by, l.set_at, greatest(l.position, m.position) AS position
  FROM (SELECT DISTINCT ON (scope, subject, counted, currency) *
          FROM model.wider_limits
         ORDER BY scope, subject, counted, currency, position DESC) l
  FULL JOIN (SELECT DISTINCT ON (scope, subject, counted, currency) *
               FROM model.allotment_moves
              ORDER BY scope, subject, counted, currency, position DESC) m
 USING (scope, subject, counted, currency);
COMMENT ON VIEW read.wider_limits IS 'One row for each limit wider than an account: its value now, and how much of it accounts hold.';
COMMENT ON COLUMN read.wider_limits.scope IS 'platform, user, venue or strategy.';
COMMENT ON COLUMN read.wider_limits.subject IS 'Which user, venue or strategy; empty for the platform.';
COMMENT ON COLUMN read.wider_limits.counted IS 'What is limited: gross_notional, position_notional or open_notional.';
COMMENT ON COLUMN read.wider_limits.currency IS 'Currency of all numbers; positions in others are not counted.';
COMMENT ON COLUMN read.wider_limits.value IS 'The limit in force; null while there is none.';
COMMENT ON COLUMN read.wider_limits.allotted IS 'Sum of the shares of all accounts; never above the value.';
COMMENT ON COLUMN read.wider_limits.unallotted IS 'What is left to give; null while there is no limit.';
COMMENT ON COLUMN read.wider_limits.set_by IS 'Subject of the token that set the value, or approved it where another had proposed.';
COMMENT ON COLUMN read.wider_limits.set_at IS 'When the value began to hold; null if none was ever set.';
COMMENT ON COLUMN read.wider_limits.position IS 'Log position of the last event about it.';

CREATE VIEW read.wider_limits_history AS
SELECT scope, subject, counted, currency, value, set_by, set_at, position
  FROM model.wider_limits;
COMMENT ON VIEW read.wider_limits_history IS 'Every value that a wider limit ever had.';
COMMENT ON COLUMN read.wider_limits_history.scope IS 'platform, user, venue or strategy.';
COMMENT ON COLUMN read.wider_limits_history.subject IS 'Which user, venue or strategy; empty for the platform.';
COMMENT ON COLUMN read.wider_limits_history.counted IS 'What is limited.';
COMMENT ON COLUMN read.wider_limits_history.currency IS 'Currency of the value.';
COMMENT ON COLUMN read.wider_limits_history.value IS 'The limit from this position on; null is no limit any more.';
COMMENT ON COLUMN read.wider_limits_history.set_by IS 'Subject of the token that set it, or approved it.';
COMMENT ON COLUMN read.wider_limits_history.set_at IS 'When it began to hold.';
COMMENT ON COLUMN read.wider_limits_history.position IS 'Log position of the event.';

CREATE VIEW read.allotments AS
SELECT scope, subject, counted, currency, account_id, share, moved_by, moved_at, position
  FROM (SELECT DISTINCT ON (account_id, scope, subject, counted, currency) *
          FROM model.allotment_moves
         ORDER BY account_id, scope, subject, counted, currency, position DESC) latest
 WHERE share > 0;
COMMENT ON VIEW read.allotments IS 'One row for each share of a wider limit that an account holds now.';
COMMENT ON COLUMN read.allotments.scope IS 'platform, user, venue or strategy.';
COMMENT ON COLUMN read.allotments.subject IS 'Which user, venue or strategy; empty for the platform.';
COMMENT ON COLUMN read.allotments.counted IS 'What is limited.';
COMMENT ON COLUMN read.allotments.currency IS 'Currency of the share.';
COMMENT ON COLUMN read.allotments.account_id IS 'The account.';
COMMENT ON COLUMN read.allotments.share IS 'What the account may use of the limit; its own limits hold as well.';
COMMENT ON COLUMN read.allotments.moved_by IS 'Subject of the token that moved it last.';
COMMENT ON COLUMN read.allotments.moved_at IS 'When that was.';
COMMENT ON COLUMN read.allotments.position IS 'Log position of the last move.';

CREATE VIEW read.allotment_moves AS
SELECT scope, subject, counted, currency, account_id, direction, amount, share, allotted, value,
       used, moved_by, moved_at, position
  FROM model.allotment_moves;
COMMENT ON VIEW read.allotment_moves IS 'Every move of a part of a wider limit to an account or back; the last one up to a position says who held how much then.';
COMMENT ON COLUMN read.allotment_moves.scope IS 'platform, user, venue or strategy.';
COMMENT ON COLUMN read.allotment_moves.subject IS 'Which user, venue or strategy; empty for the platform.';
COMMENT ON COLUMN read.allotment_moves.counted IS 'What is limited.';
COMMENT ON COLUMN read.allotment_moves.currency IS 'Currency of all numbers.';
COMMENT ON COLUMN read.allotment_moves.account_id IS 'The account.';
COMMENT ON COLUMN read.allotment_moves.direction IS 'to_account or to_pool.';
COMMENT ON COLUMN read.allotment_moves.amount IS 'What was moved.';
COMMENT ON COLUMN read.allotment_moves.share IS 'Of the account, afterwards.';
COMMENT ON COLUMN read.allotment_moves.allotted IS 'Of all accounts together, afterwards.';
COMMENT ON COLUMN read.allotment_moves.value IS 'The limit then; null while there was none.';
COMMENT ON COLUMN read.allotment_moves.used IS 'What the account held and had reserved of it then.';
COMMENT ON COLUMN read.allotment_moves.moved_by IS 'Subject of the token.';
COMMENT ON COLUMN read.allotment_moves.moved_at IS 'When it was recorded.';
COMMENT ON COLUMN read.allotment_moves.position IS 'Log position of the event.';

COMMENT ON COLUMN read.risk_changes.kind IS 'limits: looser limits; wider_limit: a looser limit over accounts; resume: the end of a halt.';
COMMENT ON COLUMN read.risk_changes.scope IS 'Of a resumption and of a wider limit: account, platform, user, venue or strategy; null for limits.';
COMMENT ON COLUMN read.risk_changes.subject IS 'Of a resumption and of a wider limit: which user, venue or strategy; null for limits.';
COMMENT ON COLUMN read.risk_changes.limits IS 'The proposed limits as JSON, those that are not set left out; null for a resumption.';

RESET ROLE;
