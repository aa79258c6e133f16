-- Amends, unknown outcomes and reconciled orders in the read model of orders.
--
-- What is still asked and how an order ended are columns, since its status follows from all of it.
-- For the orders that are there they follow from the status; only how an order ended that late
-- fills completed is in the log alone, and `patriot rebuild orders` writes it.
SET ROLE patriot_owner;

ALTER TABLE model.orders
    ADD COLUMN cancelling       boolean NOT NULL DEFAULT false,
    ADD COLUMN ended            text,
    ADD COLUMN amendment        bigint,
    ADD COLUMN pending_quantity numeric,
    ADD COLUMN pending_price    numeric;
UPDATE model.orders SET cancelling = true WHERE status = 'pending_cancel';
UPDATE model.orders SET ended = status WHERE status IN ('cancelled', 'expired', 'rejected');

DROP INDEX model.orders_open;
CREATE INDEX orders_open ON model.orders (account_id, created_position DESC)
    WHERE status IN ('submitting', 'accepted', 'triggered', 'partially_filled', 'pending_cancel',
                     'pending_amend', 'unknown');

CREATE OR REPLACE VIEW read.orders AS
SELECT order_id, account_id, instrument, side, type, time_in_force, status,
       status IN ('submitting', 'accepted', 'triggered', 'partially_filled', 'pending_cancel',
                  'pending_amend', 'unknown') AS open,
       quantity, price, filled_quantity,
       CASE WHEN filled_quantity > 0
            THEN trim_scale(round(filled_notional / filled_quantity, 18)) END AS average_price,
       overfill, reduce_only, strategy_id, client_order_id, venue_order_id, reason, detail,
       created_at, updated_at, created_position, position, version, position_side,
       expires_at, close_position, trigger_price, trigger_source, trigger_callback,
       activation_price, triggered_at, triggered_price, pending_quantity, pending_price
  FROM model.orders;
COMMENT ON COLUMN read.orders.status IS 'denied, submitting, unknown, accepted, triggered, partially_filled, pending_amend, pending_cancel, filled, cancelled, rejected or expired.';
COMMENT ON COLUMN read.orders.quantity IS 'Ordered quantity as last amended, in units of the instrument; with close_position what was held when it was placed.';
COMMENT ON COLUMN read.orders.price IS 'Limit price as last amended; null on an order that trades at the market.';
COMMENT ON COLUMN read.orders.detail IS 'Words on the last refusal, rejection, expiry or lost answer.';
COMMENT ON COLUMN read.orders.pending_quantity IS 'Quantity that the venue is being asked for by an amend; null while none is asked for.';
COMMENT ON COLUMN read.orders.pending_price IS 'Limit price that the venue is being asked for by an amend; null while none is asked for.';

RESET ROLE;
