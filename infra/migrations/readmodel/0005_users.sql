-- Users and accounts: who is registered and which accounts were opened for whom. No personal data.
SET ROLE patriot_owner;

CREATE TABLE model.users (
    user_id       uuid        PRIMARY KEY,
    status        text        NOT NULL,
    roles         text        NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    erased_at     timestamptz,
    version       bigint      NOT NULL,
    position      bigint      NOT NULL
);

CREATE TABLE model.accounts (
    account_id    uuid        PRIMARY KEY,
    user_id       uuid        NOT NULL,
    venue         text        NOT NULL,
    position_mode text        NOT NULL,
    margin_mode   text        NOT NULL,
    status        text        NOT NULL,
    reason        text,
    opened_at     timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    closed_at     timestamptz,
    version       bigint      NOT NULL,
    position      bigint      NOT NULL
);
CREATE INDEX accounts_by_user ON model.accounts (user_id);

CREATE VIEW read.users AS
SELECT user_id, status, string_to_array(roles, ',') AS roles, registered_at, updated_at,
       erased_at IS NOT NULL AS erased, erased_at, position, version
  FROM model.users;
COMMENT ON VIEW read.users IS 'One row for each registered user. Personal data is not here: it is sealed in the log (docs/security.md).';
COMMENT ON COLUMN read.users.user_id IS 'Id that the sender chose.';
COMMENT ON COLUMN read.users.status IS 'active, suspended or erased.';
COMMENT ON COLUMN read.users.roles IS 'trader, risk_manager, auditor, operator, service; sorted, none once erased.';
COMMENT ON COLUMN read.users.registered_at IS 'When the user was registered.';
COMMENT ON COLUMN read.users.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.users.erased IS 'Whether the user''s personal data is unreadable for ever.';
COMMENT ON COLUMN read.users.erased_at IS 'Since when; null while it is not.';
COMMENT ON COLUMN read.users.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.users.version IS 'Number of events of the user.';

CREATE VIEW read.accounts AS
SELECT account_id, user_id, venue, position_mode, margin_mode, status, reason, opened_at, updated_at,
       closed_at, position, version
  FROM model.accounts;
COMMENT ON VIEW read.accounts IS 'One row for each account that was opened. Accounts that were never opened may trade as well and are in read.risk_accounts alone.';
COMMENT ON COLUMN read.accounts.account_id IS 'The account.';
COMMENT ON COLUMN read.accounts.user_id IS 'User that it belongs to.';
COMMENT ON COLUMN read.accounts.venue IS 'Venue that it is at, as in instruments, e.g. BINANCE.';
COMMENT ON COLUMN read.accounts.position_mode IS 'one_way: one net position for each instrument.';
COMMENT ON COLUMN read.accounts.margin_mode IS 'cross or isolated; recorded, no check looks at it.';
COMMENT ON COLUMN read.accounts.status IS 'open, suspended or closed.';
COMMENT ON COLUMN read.accounts.reason IS 'Why it is suspended; null when it is not.';
COMMENT ON COLUMN read.accounts.opened_at IS 'When it was opened.';
COMMENT ON COLUMN read.accounts.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.accounts.closed_at IS 'When it was closed; null while it is not.';
COMMENT ON COLUMN read.accounts.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.accounts.version IS 'Number of events of the account.';

RESET ROLE;
