-- Legs, kinds of execution, fees and funding by currency, balances. Rows from before this migration
-- have no sums by currency: `patriot rebuild positions` and `patriot rebuild cash` make them.
SET ROLE patriot_owner;

ALTER TABLE model.positions ADD COLUMN position_side text NOT NULL DEFAULT 'net';
ALTER TABLE model.positions ALTER COLUMN position_side DROP DEFAULT;
ALTER TABLE model.positions DROP CONSTRAINT positions_pkey;
ALTER TABLE model.positions ADD PRIMARY KEY (account_id, instrument, position_side);

ALTER TABLE model.position_history ADD COLUMN position_side text NOT NULL DEFAULT 'net';
ALTER TABLE model.position_history ADD COLUMN kind text NOT NULL DEFAULT 'trade';
ALTER TABLE model.position_history ADD COLUMN fee_currency text NOT NULL DEFAULT '';
ALTER TABLE model.fills ADD COLUMN position_side text NOT NULL DEFAULT 'net';
ALTER TABLE model.fills ADD COLUMN kind text NOT NULL DEFAULT 'trade';

CREATE TABLE model.position_costs (
    account_id    uuid    NOT NULL,
    instrument    text    NOT NULL,
    position_side text    NOT NULL,
    currency      text    NOT NULL,
    fees          numeric NOT NULL,
    funding       numeric NOT NULL,
    position      bigint  NOT NULL,
    PRIMARY KEY (account_id, instrument, position_side, currency)
) WITH (fillfactor = 50);

CREATE TABLE model.fundings (
    position      bigint PRIMARY KEY,
    paid_at       timestamptz NOT NULL,
    account_id    uuid        NOT NULL,
    instrument    text        NOT NULL,
    position_side text        NOT NULL,
    funding_id    text        NOT NULL,
    rate          numeric     NOT NULL,
    mark_price    numeric     NOT NULL,
    quantity      numeric     NOT NULL,
    payment       numeric     NOT NULL,
    currency      text        NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX fundings_by_account ON model.fundings (account_id, paid_at DESC);

CREATE TABLE model.account_cash (
    account_id uuid        NOT NULL,
    currency   text        NOT NULL,
    realised   numeric     NOT NULL,
    fees       numeric     NOT NULL,
    funding    numeric     NOT NULL,
    balance    numeric,
    balance_at timestamptz,
    updated_at timestamptz NOT NULL,
    position   bigint      NOT NULL,
    PRIMARY KEY (account_id, currency)
) WITH (fillfactor = 50);

CREATE OR REPLACE VIEW read.fills AS
SELECT position, filled_at, account_id, order_id, instrument, strategy_id, execution_id, side,
       price, quantity, fee, fee_currency, liquidity, recorded_at, position_side, kind
  FROM model.fills;
COMMENT ON COLUMN read.fills.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.fills.kind IS 'trade, or the venue''s own doing: liquidation, adl, settlement, delivery.';

CREATE OR REPLACE VIEW read.positions AS
SELECT p.account_id, p.instrument,
       CASE sign(p.net_quantity) WHEN 1 THEN 'long' WHEN -1 THEN 'short' ELSE 'flat' END AS side,
       p.net_quantity,
       CASE WHEN p.net_quantity <> 0
            THEN trim_scale(round(p.cost / abs(p.net_quantity), 18)) END AS average_price,
       p.cost, p.currency, p.realised, p.fees,
       CASE WHEN p.net_quantity = 0 THEN 0::numeric
            ELSE trim_scale(p.net_quantity * m.mark - sign(p.net_quantity) * p.cost)
       END AS unrealised,
       m.mark AS mark_price, m.at AS mark_at,
       p.opened_at, p.updated_at, p.position, p.version,
       p.position_side, coalesce(c.funding, 0) AS funding
  FROM model.positions p
  LEFT JOIN model.latest_marks m USING (instrument)
  LEFT JOIN model.position_costs c USING (account_id, instrument, position_side, currency);
COMMENT ON VIEW read.positions IS 'What each account holds in each instrument and leg, valued at the latest mark.';
COMMENT ON COLUMN read.positions.fees IS 'Fees in this currency over the position''s whole life; positive is paid. Others are in read.position_costs.';
COMMENT ON COLUMN read.positions.version IS 'Number of changes and payments of funding.';
COMMENT ON COLUMN read.positions.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.positions.funding IS 'Funding in this currency over the position''s whole life; positive is paid.';

CREATE VIEW read.position_costs AS
SELECT account_id, instrument, position_side, currency, fees, funding, position
  FROM model.position_costs;
COMMENT ON VIEW read.position_costs IS 'Fees and funding of each position, by the currency in which they were paid.';
COMMENT ON COLUMN read.position_costs.account_id IS 'Account that holds the position.';
COMMENT ON COLUMN read.position_costs.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.position_costs.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.position_costs.currency IS 'Currency of both sums.';
COMMENT ON COLUMN read.position_costs.fees IS 'Fees so far; positive is paid.';
COMMENT ON COLUMN read.position_costs.funding IS 'Funding so far; positive is paid.';
COMMENT ON COLUMN read.position_costs.position IS 'Log position of the last fee or payment.';

CREATE OR REPLACE VIEW read.position_history AS
SELECT position, changed_at, account_id, instrument, change, order_id, execution_id, side, quantity,
       price, fee, net_quantity,
       CASE WHEN net_quantity <> 0
            THEN trim_scale(round(cost / abs(net_quantity), 18)) END AS average_price,
       cost, currency, realised, realised_total, fees_total, recorded_at, position_side, kind,
       fee_currency
  FROM model.position_history;
COMMENT ON COLUMN read.position_history.fees_total IS 'Fees in the position''s currency up to and with this fill.';
COMMENT ON COLUMN read.position_history.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.position_history.kind IS 'trade, or the venue''s own doing: liquidation, adl, settlement, delivery.';
COMMENT ON COLUMN read.position_history.fee_currency IS 'Currency of the fee.';

CREATE VIEW read.fundings AS
SELECT position, paid_at, account_id, instrument, position_side, funding_id, rate, mark_price,
       quantity, payment, currency, recorded_at
  FROM model.fundings;
COMMENT ON VIEW read.fundings IS 'One row for each payment of funding, never changed.';
COMMENT ON COLUMN read.fundings.position IS 'Log position of the payment.';
COMMENT ON COLUMN read.fundings.paid_at IS 'When the venue settled it, by the venue''s clock.';
COMMENT ON COLUMN read.fundings.account_id IS 'Account that holds the position.';
COMMENT ON COLUMN read.fundings.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.fundings.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.fundings.funding_id IS 'The venue''s own id of the payment.';
COMMENT ON COLUMN read.fundings.rate IS 'Funding rate; above 0 longs pay shorts.';
COMMENT ON COLUMN read.fundings.mark_price IS 'Mark at which the position was valued.';
COMMENT ON COLUMN read.fundings.quantity IS 'Signed quantity held then, as the venue counted it.';
COMMENT ON COLUMN read.fundings.payment IS 'Positive is paid, negative is received.';
COMMENT ON COLUMN read.fundings.currency IS 'Currency of the payment.';
COMMENT ON COLUMN read.fundings.recorded_at IS 'When it was recorded, by our clock.';

CREATE VIEW read.account_cash AS
SELECT account_id, currency, realised, fees, funding, realised - fees - funding AS earned,
       balance, balance_at, updated_at, position
  FROM model.account_cash;
COMMENT ON VIEW read.account_cash IS 'What each account earned and paid in each currency, and what its wallet holds as the venue says.';
COMMENT ON COLUMN read.account_cash.account_id IS 'The account.';
COMMENT ON COLUMN read.account_cash.currency IS 'Currency of all amounts of the row.';
COMMENT ON COLUMN read.account_cash.realised IS 'Realised profit so far, before fees and funding.';
COMMENT ON COLUMN read.account_cash.fees IS 'Fees so far; positive is paid.';
COMMENT ON COLUMN read.account_cash.funding IS 'Funding so far; positive is paid.';
COMMENT ON COLUMN read.account_cash.earned IS 'Realised less fees and funding.';
COMMENT ON COLUMN read.account_cash.balance IS 'Wallet balance as the venue said last; null until it did.';
COMMENT ON COLUMN read.account_cash.balance_at IS 'Venue''s time of that balance.';
COMMENT ON COLUMN read.account_cash.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.account_cash.position IS 'Log position of the last change.';

-- Profit counts what is in the currency of the limits, and nothing else: sums over several
-- currencies are no number.
CREATE OR REPLACE VIEW read.risk_accounts AS
WITH platform AS (
    SELECT halted, halt_reason FROM model.risk_accounts
     WHERE account_id = '00000000-0000-0000-0000-000000000000'
), valued AS (
    SELECT account_id, currency, sum(unrealised) AS unrealised,
           count(*) FILTER (WHERE unrealised IS NULL) AS unpriced_positions
      FROM read.positions WHERE net_quantity <> 0 GROUP BY account_id, currency
)
SELECT a.account_id, a.currency, a.halted, a.halt_reason,
       coalesce((SELECT halted FROM platform), false) AS platform_halted,
       a.open_orders, a.admitted, a.refusals,
       coalesce(c.realised, 0) AS realised, coalesce(v.unrealised, 0) AS unrealised,
       coalesce(c.fees, 0) AS fees,
       coalesce(c.realised, 0) + coalesce(v.unrealised, 0) - coalesce(c.fees, 0)
           - coalesce(c.funding, 0) AS profit,
       a.loss_limit,
       coalesce(v.unpriced_positions, 0) AS unpriced_positions,
       a.limits_version, a.order_quantity_limit, a.order_notional_limit, a.open_orders_limit,
       a.position_notional_limit, a.price_collar, a.duplicate_window,
       a.halt_changed_at, a.halt_changed_position, a.updated_at, a.position, a.version,
       coalesce(c.funding, 0) AS funding, c.balance
  FROM model.risk_accounts a
  LEFT JOIN valued v USING (account_id, currency)
  LEFT JOIN model.account_cash c USING (account_id, currency);
COMMENT ON COLUMN read.risk_accounts.realised IS 'Realised profit so far in this currency, before fees and funding.';
COMMENT ON COLUMN read.risk_accounts.unrealised IS 'Profit of open positions in this currency at their latest marks; those without a mark are left out.';
COMMENT ON COLUMN read.risk_accounts.fees IS 'Fees so far in this currency; positive is paid. Others are in read.account_cash.';
COMMENT ON COLUMN read.risk_accounts.profit IS 'Realised plus unrealised less fees and funding; below minus loss_limit the account is halted.';
COMMENT ON COLUMN read.risk_accounts.funding IS 'Funding so far in this currency; positive is paid.';
COMMENT ON COLUMN read.risk_accounts.balance IS 'Wallet balance in this currency as the venue said last; null until it did.';

ALTER TABLE model.risk_accounts DROP COLUMN realised;
ALTER TABLE model.risk_accounts DROP COLUMN fees;

RESET ROLE;
