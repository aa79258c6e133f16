-- Who made an order: those that the venue made, or somebody at the venue itself, are orders too.
-- Every order that is there was placed by PATRIOT: nothing has to be made anew.
SET ROLE patriot_owner;

ALTER TABLE model.orders ADD COLUMN origin text NOT NULL DEFAULT 'patriot';

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
       activation_price, triggered_at, triggered_price, pending_quantity, pending_price, origin
  FROM model.orders;
COMMENT ON COLUMN read.orders.origin IS 'Who made it: patriot, foreign (somebody at the venue itself), or the venue: liquidation, adl, settlement, delivery.';

RESET ROLE;
