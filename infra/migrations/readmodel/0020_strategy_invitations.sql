-- Who may follow a strategy. Strategies of before are open, as they were.
SET ROLE patriot_owner;

ALTER TABLE model.strategies ADD COLUMN access text NOT NULL DEFAULT 'open';
CREATE TABLE model.strategy_invitations (
    strategy_id uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    invited     boolean     NOT NULL,
    updated_at  timestamptz NOT NULL,
    position    bigint      NOT NULL,
    PRIMARY KEY (strategy_id, account_id)
);
CREATE INDEX strategy_invitations_by_account ON model.strategy_invitations (account_id);

CREATE OR REPLACE VIEW read.strategies AS
SELECT s.strategy_id, s.account_id, s.owner, s.label,
       string_to_array(s.instruments, ',') AS instruments, s.source, s.status, s.registered_at,
       s.updated_at,
       (SELECT count(*) FROM model.signals g WHERE g.strategy_id = s.strategy_id) AS signals,
       (SELECT count(*) FROM model.followers f
         WHERE f.strategy_id = s.strategy_id AND f.following) AS followers,
       s.position, s.version, s.access,
       (SELECT count(*) FROM model.strategy_invitations i
         WHERE i.strategy_id = s.strategy_id AND i.invited) AS invited
  FROM model.strategies s;
COMMENT ON COLUMN read.strategies.access IS 'open to whoever knows the id, or by invitation.';
COMMENT ON COLUMN read.strategies.invited IS 'Number of accounts that are invited now.';

CREATE VIEW read.strategy_invitations AS
SELECT strategy_id, account_id, invited, updated_at, position
  FROM model.strategy_invitations;
COMMENT ON VIEW read.strategy_invitations IS 'One row for each account that a strategy''s leader invited or dismissed.';
COMMENT ON COLUMN read.strategy_invitations.strategy_id IS 'The strategy.';
COMMENT ON COLUMN read.strategy_invitations.account_id IS 'The account.';
COMMENT ON COLUMN read.strategy_invitations.invited IS 'Whether it is invited now.';
COMMENT ON COLUMN read.strategy_invitations.updated_at IS 'When that was recorded.';
COMMENT ON COLUMN read.strategy_invitations.position IS 'Log position of it.';

RESET ROLE;
