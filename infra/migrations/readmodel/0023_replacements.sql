-- Orders that take the place of others.
SET ROLE patriot_owner;

ALTER TABLE model.orders
    ADD COLUMN replaces    uuid,
    ADD COLUMN replaced_by uuid;

DROP INDEX model.orders_open;
CREATE INDEX orders_open ON model.orders (account_id, created_position DESC)
    WHERE status IN ('held', 'submitting', 'accepted', 'triggered', 'partially_filled',
                     'pending_cancel', 'pending_amend', 'unknown');

CREATE OR REPLACE VIEW read.orders AS
SELECT order_id, account_id, instrument, side, type, time_in_force, status,
       status IN ('held', 'submitting', 'accepted', 'triggered', 'partially_filled',
                  'pending_cancel', 'pending_amend', 'unknown') AS open,
       quantity, price, filled_quantity,
       CASE WHEN filled_quantity > 0
            THEN trim_scale(round(filled_notional / filled_quantity, 18)) END AS average_price,
       overfill, reduce_only, strategy_id, client_order_id, venue_order_id, reason, detail,
       created_at, updated_at, created_position, position, version, position_side,
       expires_at, close_position, trigger_price, trigger_source, trigger_callback,
       activation_price, triggered_at, triggered_price, pending_quantity, pending_price,
       origin, replaces, replaced_by
  FROM model.orders;
COMMENT ON COLUMN read.orders.status IS 'denied, held, submitting, unknown, accepted, triggered, partially_filled, pending_amend, pending_cancel, filled, cancelled, rejected or expired.';
COMMENT ON COLUMN read.orders.open IS 'Whether it may still trade as far as we know; one that is held has not been sent yet.';
COMMENT ON COLUMN read.orders.reason IS 'Reason code of a denied order, and of a held one that was not sent (docs/reasons.md).';
COMMENT ON COLUMN read.orders.quantity IS 'Ordered quantity as last amended, in units of the instrument; with close_position what was held when it was placed. While held what the order before it fills is still to come off.';
COMMENT ON COLUMN read.orders.replaces IS 'The order in whose place it is; null on all others.';
COMMENT ON COLUMN read.orders.replaced_by IS 'The last order that was to take its place, whatever became of that one; null where there was none.';

RESET ROLE;
