-- Settings of accounts, and the leg that an order moves.
SET ROLE patriot_owner;

ALTER TABLE model.orders ADD COLUMN position_side text NOT NULL DEFAULT 'net';
ALTER TABLE model.orders ALTER COLUMN position_side DROP DEFAULT;

CREATE TABLE model.account_leverages (
    account_id uuid        NOT NULL,
    instrument text        NOT NULL,
    leverage   numeric     NOT NULL,
    set_at     timestamptz NOT NULL,
    position   bigint      NOT NULL,
    PRIMARY KEY (account_id, instrument)
);

CREATE OR REPLACE VIEW read.orders AS
SELECT order_id, account_id, instrument, side, type, time_in_force, status,
       status IN ('submitting', 'accepted', 'partially_filled', 'pending_cancel') AS open,
       quantity, price, filled_quantity,
       CASE WHEN filled_quantity > 0
            THEN trim_scale(round(filled_notional / filled_quantity, 18)) END AS average_price,
       overfill, reduce_only, strategy_id, client_order_id, venue_order_id, reason, detail,
       created_at, updated_at, created_position, position, version, position_side
  FROM model.orders;
COMMENT ON COLUMN read.orders.position_side IS 'net, or the leg of a hedged account: long, short.';

COMMENT ON COLUMN read.accounts.position_mode IS 'one_way: one net position for each instrument; hedge: a long and a short one.';
COMMENT ON COLUMN read.accounts.margin_mode IS 'cross or isolated: what stands behind a position at the venue.';

CREATE VIEW read.account_leverages AS
SELECT account_id, instrument, leverage, set_at, position FROM model.account_leverages;
COMMENT ON VIEW read.account_leverages IS 'The leverage of each account and instrument for which one was set.';
COMMENT ON COLUMN read.account_leverages.account_id IS 'The account.';
COMMENT ON COLUMN read.account_leverages.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.account_leverages.leverage IS 'Positions are held at this leverage.';
COMMENT ON COLUMN read.account_leverages.set_at IS 'When it was set.';
COMMENT ON COLUMN read.account_leverages.position IS 'Log position of that.';

RESET ROLE;
