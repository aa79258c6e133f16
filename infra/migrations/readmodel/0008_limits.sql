-- Limits one by one with their old versions, and the days of accounts whose daily loss is limited.
SET ROLE patriot_owner;

CREATE TABLE model.limits (
    account_id     uuid    NOT NULL,
    limits_version bigint  NOT NULL,
    strategy_id    text    NOT NULL,
    name           text    NOT NULL,
    value          numeric NOT NULL,
    position       bigint  NOT NULL,
    PRIMARY KEY (account_id, limits_version, strategy_id, name)
);

CREATE TABLE model.risk_days (
    account_id uuid    NOT NULL,
    day        date    NOT NULL,
    currency   text    NOT NULL,
    profit     numeric NOT NULL,
    position   bigint  NOT NULL,
    PRIMARY KEY (account_id, day, currency)
);

CREATE VIEW read.limits AS
SELECT l.account_id, l.limits_version, coalesce(l.limits_version = a.limits_version, false) AS in_force,
       nullif(l.strategy_id, '')::uuid AS strategy_id, l.name, l.value, l.position
  FROM model.limits l
  LEFT JOIN model.risk_accounts a USING (account_id);
COMMENT ON VIEW read.limits IS 'One row for each limit that is set, of every version of an account''s limits.';
COMMENT ON COLUMN read.limits.account_id IS 'The account.';
COMMENT ON COLUMN read.limits.limits_version IS 'Version of the account''s limits, from 1.';
COMMENT ON COLUMN read.limits.in_force IS 'Whether this version is the one that binds now.';
COMMENT ON COLUMN read.limits.strategy_id IS 'Strategy that it binds; null binds the whole account.';
COMMENT ON COLUMN read.limits.name IS 'Name of the limit, e.g. order_quantity.';
COMMENT ON COLUMN read.limits.value IS 'The largest value that passes: a quantity, a count, microseconds, a ratio or money in the currency of the limits; 1 for a check that is merely on.';
COMMENT ON COLUMN read.limits.position IS 'Log position at which the version was set.';

CREATE VIEW read.risk_days AS
SELECT account_id, day, currency, profit, position FROM model.risk_days;
COMMENT ON VIEW read.risk_days IS 'One row for each day (UTC) of an account whose daily loss is limited.';
COMMENT ON COLUMN read.risk_days.account_id IS 'The account.';
COMMENT ON COLUMN read.risk_days.day IS 'The day; it begins with its first decision.';
COMMENT ON COLUMN read.risk_days.currency IS 'Currency of the limits then.';
COMMENT ON COLUMN read.risk_days.profit IS 'Realised and unrealised profit less fees with which the day began; the loss of the day is measured from it.';
COMMENT ON COLUMN read.risk_days.position IS 'Log position of the beginning.';

RESET ROLE;
