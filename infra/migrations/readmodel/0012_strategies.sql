-- Strategies: who leads, what was signalled, who followed with what, and what each account earned.
SET ROLE patriot_owner;

CREATE TABLE model.strategies (
    strategy_id   uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL,
    owner         uuid        NOT NULL,
    label         text        NOT NULL,
    instruments   text        NOT NULL,
    source        text        NOT NULL,
    status        text        NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       bigint      NOT NULL,
    position      bigint      NOT NULL
);

CREATE TABLE model.signals (
    strategy_id  uuid        NOT NULL,
    signal_id    uuid        NOT NULL,
    account_id   uuid        NOT NULL,
    instrument   text        NOT NULL,
    side         text,
    target       numeric,
    quantity     numeric,
    strength     numeric,
    price        numeric,
    valid_until  timestamptz,
    submitted_at timestamptz NOT NULL,
    position     bigint      NOT NULL,
    PRIMARY KEY (strategy_id, signal_id)
);
CREATE INDEX signals_by_position ON model.signals (strategy_id, position DESC);

CREATE TABLE model.followers (
    strategy_id      uuid        NOT NULL,
    account_id       uuid        NOT NULL,
    following        boolean     NOT NULL,
    rule             text        NOT NULL,
    value            numeric     NOT NULL,
    maximum          numeric     NOT NULL,
    capital          numeric,
    capital_currency text,
    paused           boolean     NOT NULL,
    tolerance        numeric     NOT NULL,
    drift_policy     text        NOT NULL,
    copied           bigint      NOT NULL,
    skipped          bigint      NOT NULL,
    refused          bigint      NOT NULL,
    drifts           bigint      NOT NULL,
    reason           integer,
    detail           text,
    drift_instrument text,
    drift_held       numeric,
    drift_expected   numeric,
    drift_action     text,
    drift_at         timestamptz,
    begun_at         timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          bigint      NOT NULL,
    position         bigint      NOT NULL,
    PRIMARY KEY (strategy_id, account_id)
) WITH (fillfactor = 70);
CREATE INDEX followers_by_account ON model.followers (account_id);

CREATE TABLE model.copies (
    strategy_id uuid        NOT NULL,
    intent_id   uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    kind        text        NOT NULL,
    instrument  text        NOT NULL,
    outcome     text        NOT NULL,
    order_id    uuid,
    side        text,
    quantity    numeric,
    price       numeric,
    held        numeric     NOT NULL,
    equity      numeric,
    reason      integer,
    detail      text,
    recorded_at timestamptz NOT NULL,
    position    bigint      NOT NULL,
    PRIMARY KEY (strategy_id, intent_id, account_id)
);

CREATE TABLE model.strategy_positions (
    strategy_id  uuid        NOT NULL,
    account_id   uuid        NOT NULL,
    instrument   text        NOT NULL,
    currency     text,
    net_quantity numeric     NOT NULL,
    cost         numeric     NOT NULL,
    realised     numeric     NOT NULL,
    fees         numeric     NOT NULL,
    volume       numeric     NOT NULL,
    orders       bigint      NOT NULL,
    fills        bigint      NOT NULL,
    refusals     bigint      NOT NULL,
    updated_at   timestamptz NOT NULL,
    position     bigint      NOT NULL,
    PRIMARY KEY (strategy_id, account_id, instrument)
) WITH (fillfactor = 50);

CREATE VIEW read.strategies AS
SELECT s.strategy_id, s.account_id, s.owner, s.label,
       string_to_array(s.instruments, ',') AS instruments, s.source, s.status, s.registered_at,
       s.updated_at,
       (SELECT count(*) FROM model.signals g WHERE g.strategy_id = s.strategy_id) AS signals,
       (SELECT count(*) FROM model.followers f
         WHERE f.strategy_id = s.strategy_id AND f.following) AS followers,
       s.position, s.version
  FROM model.strategies s;
COMMENT ON VIEW read.strategies IS 'One row for each registered strategy.';
COMMENT ON COLUMN read.strategies.strategy_id IS 'Id that the sender chose.';
COMMENT ON COLUMN read.strategies.account_id IS 'The leader''s account.';
COMMENT ON COLUMN read.strategies.owner IS 'User who answers for it.';
COMMENT ON COLUMN read.strategies.label IS 'What it is called.';
COMMENT ON COLUMN read.strategies.instruments IS 'What it may signal, sorted.';
COMMENT ON COLUMN read.strategies.source IS 'What is copied: signals or orders.';
COMMENT ON COLUMN read.strategies.status IS 'registered, running, paused or stopped.';
COMMENT ON COLUMN read.strategies.registered_at IS 'When it was registered.';
COMMENT ON COLUMN read.strategies.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.strategies.signals IS 'Number of its signals.';
COMMENT ON COLUMN read.strategies.followers IS 'Number of accounts that follow it now.';
COMMENT ON COLUMN read.strategies.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.strategies.version IS 'Number of events of the strategy.';

CREATE VIEW read.signals AS
SELECT s.strategy_id, s.signal_id, s.account_id, s.instrument, s.side, s.target, s.quantity, s.strength,
       s.price, s.valid_until, s.submitted_at, c.copied, c.skipped, c.refused, s.position
  FROM model.signals s
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE outcome = 'copied') AS copied,
                            count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
                            count(*) FILTER (WHERE outcome = 'refused') AS refused
                       FROM model.copies
                      WHERE strategy_id = s.strategy_id AND intent_id = s.signal_id) AS c;
COMMENT ON VIEW read.signals IS 'One row for each signal, with what followers did with it.';
COMMENT ON COLUMN read.signals.strategy_id IS 'Its strategy.';
COMMENT ON COLUMN read.signals.signal_id IS 'Id that the sender chose, unique in the strategy.';
COMMENT ON COLUMN read.signals.account_id IS 'The leader''s account.';
COMMENT ON COLUMN read.signals.instrument IS 'Instrument, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.signals.side IS 'buy or sell; null where there is a target.';
COMMENT ON COLUMN read.signals.target IS 'Signed position of the leader to be reached; null where there is a side.';
COMMENT ON COLUMN read.signals.quantity IS 'Of the leader; null when not told.';
COMMENT ON COLUMN read.signals.strength IS 'Above 0, at most 1; null is 1.';
COMMENT ON COLUMN read.signals.price IS 'Limit of the copies; null is the market.';
COMMENT ON COLUMN read.signals.valid_until IS 'Copied until then; null is for ever.';
COMMENT ON COLUMN read.signals.submitted_at IS 'When it arrived.';
COMMENT ON COLUMN read.signals.copied IS 'Followers with an order for it.';
COMMENT ON COLUMN read.signals.skipped IS 'Followers with a recorded reason against one.';
COMMENT ON COLUMN read.signals.refused IS 'Followers whose own checks refused the order.';
COMMENT ON COLUMN read.signals.position IS 'Log position.';

CREATE VIEW read.followers AS
SELECT strategy_id, account_id, following, rule, value, maximum, capital, capital_currency, paused,
       tolerance, drift_policy, copied, skipped, refused, drifts, reason, detail, drift_instrument,
       drift_held, drift_expected, drift_action, drift_at, begun_at, updated_at, position, version
  FROM model.followers;
COMMENT ON VIEW read.followers IS 'One row for each account and strategy that it follows or followed.';
COMMENT ON COLUMN read.followers.strategy_id IS 'The strategy.';
COMMENT ON COLUMN read.followers.account_id IS 'The follower.';
COMMENT ON COLUMN read.followers.following IS 'Whether it follows now.';
COMMENT ON COLUMN read.followers.rule IS 'fixed, ratio or equity_share.';
COMMENT ON COLUMN read.followers.value IS 'Quantity, ratio, or part of the equity.';
COMMENT ON COLUMN read.followers.maximum IS 'Largest position in any instrument that copying builds.';
COMMENT ON COLUMN read.followers.capital IS 'What an equity share begins with; null for other rules.';
COMMENT ON COLUMN read.followers.capital_currency IS 'Its currency.';
COMMENT ON COLUMN read.followers.paused IS 'Whether it copies nothing for now.';
COMMENT ON COLUMN read.followers.tolerance IS 'Drift up to this quantity is none.';
COMMENT ON COLUMN read.followers.drift_policy IS 'report or repair.';
COMMENT ON COLUMN read.followers.copied IS 'Intents that became an order.';
COMMENT ON COLUMN read.followers.skipped IS 'Intents with a recorded reason against an order.';
COMMENT ON COLUMN read.followers.refused IS 'Intents whose order the follower''s own checks refused.';
COMMENT ON COLUMN read.followers.drifts IS 'Drifts found.';
COMMENT ON COLUMN read.followers.reason IS 'Reason code of the last intent without an order; null without one.';
COMMENT ON COLUMN read.followers.detail IS 'The same in words.';
COMMENT ON COLUMN read.followers.drift_instrument IS 'Instrument of the last drift; null without one.';
COMMENT ON COLUMN read.followers.drift_held IS 'What was held then.';
COMMENT ON COLUMN read.followers.drift_expected IS 'What should have been held.';
COMMENT ON COLUMN read.followers.drift_action IS 'reported, repaired, skipped or refused.';
COMMENT ON COLUMN read.followers.drift_at IS 'When it was found.';
COMMENT ON COLUMN read.followers.begun_at IS 'When it began to follow, the last time.';
COMMENT ON COLUMN read.followers.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.followers.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.followers.version IS 'Number of events of the follower.';

CREATE VIEW read.copies AS
SELECT strategy_id, intent_id, account_id, kind, instrument, outcome, order_id, side, quantity, price,
       held, equity, reason, detail, recorded_at, position
  FROM model.copies;
COMMENT ON VIEW read.copies IS 'One row for each intent and follower: the order that it became, or why there is none.';
COMMENT ON COLUMN read.copies.strategy_id IS 'The strategy.';
COMMENT ON COLUMN read.copies.intent_id IS 'Id of the signal, or of the leader''s order.';
COMMENT ON COLUMN read.copies.account_id IS 'The follower.';
COMMENT ON COLUMN read.copies.kind IS 'signal or order.';
COMMENT ON COLUMN read.copies.instrument IS 'Instrument, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.copies.outcome IS 'copied, skipped or refused.';
COMMENT ON COLUMN read.copies.order_id IS 'The follower''s order; null when skipped.';
COMMENT ON COLUMN read.copies.side IS 'buy or sell; null when skipped.';
COMMENT ON COLUMN read.copies.quantity IS 'What was ordered; null when skipped.';
COMMENT ON COLUMN read.copies.price IS 'Limit, or the market''s price it was sized on; null when none was known.';
COMMENT ON COLUMN read.copies.held IS 'Position by this strategy before, open orders counted as filled.';
COMMENT ON COLUMN read.copies.equity IS 'Equity it was sized on; null for other rules.';
COMMENT ON COLUMN read.copies.reason IS 'Reason code; null when copied.';
COMMENT ON COLUMN read.copies.detail IS 'The same in words.';
COMMENT ON COLUMN read.copies.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN read.copies.position IS 'Log position.';

CREATE VIEW read.strategy_positions AS
SELECT strategy_id, account_id, instrument, currency, net_quantity, cost, realised, fees, volume, orders,
       fills, refusals, updated_at, position
  FROM model.strategy_positions;
COMMENT ON VIEW read.strategy_positions IS 'One row for each strategy, account and instrument: what fills of its orders alone make.';
COMMENT ON COLUMN read.strategy_positions.strategy_id IS 'The strategy, registered or not.';
COMMENT ON COLUMN read.strategy_positions.account_id IS 'The account.';
COMMENT ON COLUMN read.strategy_positions.instrument IS 'Instrument, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.strategy_positions.currency IS 'Of prices and profit; null until an order was admitted.';
COMMENT ON COLUMN read.strategy_positions.net_quantity IS 'Signed; short below 0.';
COMMENT ON COLUMN read.strategy_positions.cost IS 'Paid or received for what is open.';
COMMENT ON COLUMN read.strategy_positions.realised IS 'Profit before fees.';
COMMENT ON COLUMN read.strategy_positions.fees IS 'Fees in this currency; those in another one stay on their fills.';
COMMENT ON COLUMN read.strategy_positions.volume IS 'Traded value.';
COMMENT ON COLUMN read.strategy_positions.orders IS 'Orders that were admitted.';
COMMENT ON COLUMN read.strategy_positions.fills IS 'Executions.';
COMMENT ON COLUMN read.strategy_positions.refusals IS 'Orders that our own checks refused.';
COMMENT ON COLUMN read.strategy_positions.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.strategy_positions.position IS 'Log position of the last change.';

CREATE VIEW read.strategy_profit AS
SELECT p.strategy_id, p.account_id, p.currency, sum(p.realised) AS realised, sum(p.fees) AS fees,
       sum(p.volume) AS volume, sum(p.orders)::bigint AS orders, sum(p.fills)::bigint AS fills,
       sum(p.refusals)::bigint AS refusals,
       (SELECT count(*) FROM model.signals s
         WHERE s.strategy_id = p.strategy_id AND s.account_id = p.account_id) AS signals,
       max(p.updated_at) AS updated_at, max(p.position) AS position
  FROM model.strategy_positions p
 GROUP BY p.strategy_id, p.account_id, p.currency;
COMMENT ON VIEW read.strategy_profit IS 'One row for each strategy, account and currency: what trading by the strategy earned.';
COMMENT ON COLUMN read.strategy_profit.strategy_id IS 'The strategy, registered or not.';
COMMENT ON COLUMN read.strategy_profit.account_id IS 'The leader, a follower, or whoever else sends its id.';
COMMENT ON COLUMN read.strategy_profit.currency IS 'Of prices and profit; null where every order was refused.';
COMMENT ON COLUMN read.strategy_profit.realised IS 'Profit before fees.';
COMMENT ON COLUMN read.strategy_profit.fees IS 'Fees in this currency; those in another one stay on their fills.';
COMMENT ON COLUMN read.strategy_profit.volume IS 'Traded value.';
COMMENT ON COLUMN read.strategy_profit.orders IS 'Orders that were admitted.';
COMMENT ON COLUMN read.strategy_profit.fills IS 'Executions.';
COMMENT ON COLUMN read.strategy_profit.refusals IS 'Orders that our own checks refused.';
COMMENT ON COLUMN read.strategy_profit.signals IS 'Signals of the account, which is the leaders.';
COMMENT ON COLUMN read.strategy_profit.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.strategy_profit.position IS 'Log position of the last change.';

RESET ROLE;
