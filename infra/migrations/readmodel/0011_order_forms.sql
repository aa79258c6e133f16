-- Forms of orders: a date, closing the position, what a conditional order waits for and when it came.
SET ROLE patriot_owner;

ALTER TABLE model.orders
    ADD COLUMN expires_at       timestamptz,
    ADD COLUMN close_position   boolean NOT NULL DEFAULT false,
    ADD COLUMN trigger_price    numeric,
    ADD COLUMN trigger_source   text,
    ADD COLUMN trigger_callback numeric,
    ADD COLUMN activation_price numeric,
    ADD COLUMN triggered_at     timestamptz,
    ADD COLUMN triggered_price  numeric;

DROP INDEX model.orders_open;
CREATE INDEX orders_open ON model.orders (account_id, created_position DESC)
    WHERE status IN ('submitting', 'accepted', 'triggered', 'partially_filled', 'pending_cancel');

CREATE OR REPLACE VIEW read.orders AS
SELECT order_id, account_id, instrument, side, type, time_in_force, status,
       status IN ('submitting', 'accepted', 'triggered', 'partially_filled', 'pending_cancel')
           AS open,
       quantity, price, filled_quantity,
       CASE WHEN filled_quantity > 0
            THEN trim_scale(round(filled_notional / filled_quantity, 18)) END AS average_price,
       overfill, reduce_only, strategy_id, client_order_id, venue_order_id, reason, detail,
       created_at, updated_at, created_position, position, version, position_side,
       expires_at, close_position, trigger_price, trigger_source, trigger_callback,
       activation_price, triggered_at, triggered_price
  FROM model.orders;
COMMENT ON COLUMN read.orders.type IS 'limit, market, stop_market, stop_limit, take_profit_market, take_profit_limit or trailing_stop.';
COMMENT ON COLUMN read.orders.time_in_force IS 'gtc, ioc, fok, gtx (post only) or gtd.';
COMMENT ON COLUMN read.orders.status IS 'denied, submitting, accepted, triggered, partially_filled, pending_cancel, filled, cancelled, rejected or expired.';
COMMENT ON COLUMN read.orders.quantity IS 'Ordered quantity, in units of the instrument; with close_position what was held when it was placed.';
COMMENT ON COLUMN read.orders.price IS 'Limit price; null on an order that trades at the market.';
COMMENT ON COLUMN read.orders.expires_at IS 'When a gtd order ends; null on all others.';
COMMENT ON COLUMN read.orders.close_position IS 'Whether it closes whatever is held when it triggers.';
COMMENT ON COLUMN read.orders.trigger_price IS 'Price that a stop or a take profit waits for; null on all others.';
COMMENT ON COLUMN read.orders.trigger_source IS 'Which price triggers: last, mark or index; null on what waits for nothing.';
COMMENT ON COLUMN read.orders.trigger_callback IS 'Way back from the best price that triggers a trailing stop, as a part of it; null on all others.';
COMMENT ON COLUMN read.orders.activation_price IS 'Price from which on a trailing stop follows; null is at once.';
COMMENT ON COLUMN read.orders.triggered_at IS 'When the venue triggered it, by the venue''s clock; null before.';
COMMENT ON COLUMN read.orders.triggered_price IS 'Price that triggered it, where the venue told it.';

RESET ROLE;
