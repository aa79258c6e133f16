-- The views that people and programs read. Each column is documented where it is shown.
SET ROLE patriot_owner;

CREATE VIEW read.orders AS
SELECT order_id, account_id, instrument, side, type, time_in_force, status,
       status IN ('submitting', 'accepted', 'partially_filled', 'pending_cancel') AS open,
       quantity, price, filled_quantity,
       CASE WHEN filled_quantity > 0
            THEN trim_scale(round(filled_notional / filled_quantity, 18)) END AS average_price,
       overfill, reduce_only, strategy_id, client_order_id, venue_order_id, reason, detail,
       created_at, updated_at, created_position, position, version
  FROM model.orders;
COMMENT ON VIEW read.orders IS 'One row for each order, the denied ones too, as its last event left it.';
COMMENT ON COLUMN read.orders.order_id IS 'Id that the sender chose.';
COMMENT ON COLUMN read.orders.account_id IS 'Account that the order belongs to.';
COMMENT ON COLUMN read.orders.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.orders.side IS 'buy or sell.';
COMMENT ON COLUMN read.orders.type IS 'limit or market.';
COMMENT ON COLUMN read.orders.time_in_force IS 'gtc or ioc.';
COMMENT ON COLUMN read.orders.status IS 'denied, submitting, accepted, partially_filled, pending_cancel, filled, cancelled, rejected or expired.';
COMMENT ON COLUMN read.orders.open IS 'Whether the venue may still fill it as far as we know.';
COMMENT ON COLUMN read.orders.quantity IS 'Ordered quantity, in units of the instrument.';
COMMENT ON COLUMN read.orders.price IS 'Limit price; null on a market order.';
COMMENT ON COLUMN read.orders.filled_quantity IS 'Sum of the fills so far.';
COMMENT ON COLUMN read.orders.average_price IS 'Average price of the fills, rounded at 18 digits; null before the first.';
COMMENT ON COLUMN read.orders.overfill IS 'What the venue filled beyond the ordered quantity.';
COMMENT ON COLUMN read.orders.reduce_only IS 'Whether the order may only make the position smaller.';
COMMENT ON COLUMN read.orders.strategy_id IS 'Strategy that led to the order, if any.';
COMMENT ON COLUMN read.orders.client_order_id IS 'Id under which the venue knows the order; null if it never left the house.';
COMMENT ON COLUMN read.orders.venue_order_id IS 'The venue''s own id; null until the venue accepted it.';
COMMENT ON COLUMN read.orders.reason IS 'Reason code of a denied order (docs/reasons.md).';
COMMENT ON COLUMN read.orders.detail IS 'Words on the last refusal, rejection or expiry.';
COMMENT ON COLUMN read.orders.created_at IS 'When the order''s first event was recorded.';
COMMENT ON COLUMN read.orders.updated_at IS 'When the order''s last event was recorded.';
COMMENT ON COLUMN read.orders.created_position IS 'Log position of the order''s first event; newest order = highest.';
COMMENT ON COLUMN read.orders.position IS 'Log position of the order''s last event.';
COMMENT ON COLUMN read.orders.version IS 'Number of events of the order.';

CREATE VIEW read.fills AS
SELECT position, filled_at, account_id, order_id, instrument, strategy_id, execution_id, side,
       price, quantity, fee, fee_currency, liquidity, recorded_at
  FROM model.fills;
COMMENT ON VIEW read.fills IS 'One row for each execution, never changed.';
COMMENT ON COLUMN read.fills.position IS 'Log position of the fill.';
COMMENT ON COLUMN read.fills.filled_at IS 'When the venue executed it, by the venue''s clock.';
COMMENT ON COLUMN read.fills.account_id IS 'Account that the order belongs to.';
COMMENT ON COLUMN read.fills.order_id IS 'Order that was filled.';
COMMENT ON COLUMN read.fills.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.fills.strategy_id IS 'Strategy that led to the order, if any.';
COMMENT ON COLUMN read.fills.execution_id IS 'The venue''s own id of the trade.';
COMMENT ON COLUMN read.fills.side IS 'buy or sell.';
COMMENT ON COLUMN read.fills.price IS 'Price of this execution.';
COMMENT ON COLUMN read.fills.quantity IS 'Quantity of this execution.';
COMMENT ON COLUMN read.fills.fee IS 'Fee; positive is paid, negative is a rebate.';
COMMENT ON COLUMN read.fills.fee_currency IS 'Currency of the fee.';
COMMENT ON COLUMN read.fills.liquidity IS 'maker or taker.';
COMMENT ON COLUMN read.fills.recorded_at IS 'When the fill was recorded, by our clock.';

CREATE VIEW read.positions AS
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
       p.opened_at, p.updated_at, p.position, p.version
  FROM model.positions p
  LEFT JOIN model.latest_marks m USING (instrument);
COMMENT ON VIEW read.positions IS 'What each account holds in each instrument, valued at the latest mark.';
COMMENT ON COLUMN read.positions.account_id IS 'Account that holds the position.';
COMMENT ON COLUMN read.positions.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.positions.side IS 'long, short or flat.';
COMMENT ON COLUMN read.positions.net_quantity IS 'Signed quantity: below 0 is short.';
COMMENT ON COLUMN read.positions.average_price IS 'Average entry price, rounded at 18 digits; null when flat.';
COMMENT ON COLUMN read.positions.cost IS 'What the open quantity was bought or sold for; exact, never negative.';
COMMENT ON COLUMN read.positions.currency IS 'Currency of cost, profit and fees.';
COMMENT ON COLUMN read.positions.realised IS 'Realised profit over the position''s whole life, before fees.';
COMMENT ON COLUMN read.positions.fees IS 'Fees over the position''s whole life; positive is paid.';
COMMENT ON COLUMN read.positions.unrealised IS 'Profit if closed at the mark; null while no mark is known.';
COMMENT ON COLUMN read.positions.mark_price IS 'Latest mark of the instrument; null while none is known.';
COMMENT ON COLUMN read.positions.mark_at IS 'Venue''s time of that mark.';
COMMENT ON COLUMN read.positions.opened_at IS 'Since when this side is held; null when flat.';
COMMENT ON COLUMN read.positions.updated_at IS 'When the last change was recorded.';
COMMENT ON COLUMN read.positions.position IS 'Log position of the last change.';
COMMENT ON COLUMN read.positions.version IS 'Number of changes.';

CREATE VIEW read.position_history AS
SELECT position, changed_at, account_id, instrument, change, order_id, execution_id, side, quantity,
       price, fee, net_quantity,
       CASE WHEN net_quantity <> 0
            THEN trim_scale(round(cost / abs(net_quantity), 18)) END AS average_price,
       cost, currency, realised, realised_total, fees_total, recorded_at
  FROM model.position_history;
COMMENT ON VIEW read.position_history IS 'Every change of every position, with what it left behind.';
COMMENT ON COLUMN read.position_history.position IS 'Log position of the change.';
COMMENT ON COLUMN read.position_history.changed_at IS 'When the venue executed the fill, by the venue''s clock.';
COMMENT ON COLUMN read.position_history.account_id IS 'Account that holds the position.';
COMMENT ON COLUMN read.position_history.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.position_history.change IS 'opened, increased, reduced, closed or flipped.';
COMMENT ON COLUMN read.position_history.order_id IS 'Order whose fill made the change.';
COMMENT ON COLUMN read.position_history.execution_id IS 'The venue''s own id of the trade.';
COMMENT ON COLUMN read.position_history.side IS 'Side of the fill: buy or sell.';
COMMENT ON COLUMN read.position_history.quantity IS 'Quantity of the fill.';
COMMENT ON COLUMN read.position_history.price IS 'Price of the fill.';
COMMENT ON COLUMN read.position_history.fee IS 'Fee of the fill; positive is paid.';
COMMENT ON COLUMN read.position_history.net_quantity IS 'Signed quantity held afterwards.';
COMMENT ON COLUMN read.position_history.average_price IS 'Average entry price afterwards; null when flat.';
COMMENT ON COLUMN read.position_history.cost IS 'Cost of the open quantity afterwards.';
COMMENT ON COLUMN read.position_history.currency IS 'Currency of cost, profit and fees.';
COMMENT ON COLUMN read.position_history.realised IS 'Profit that this fill realised, before fees.';
COMMENT ON COLUMN read.position_history.realised_total IS 'Realised profit up to and with this fill.';
COMMENT ON COLUMN read.position_history.fees_total IS 'Fees up to and with this fill.';
COMMENT ON COLUMN read.position_history.recorded_at IS 'When the fill was recorded, by our clock.';

CREATE VIEW read.risk_accounts AS
WITH platform AS (
    SELECT halted, halt_reason FROM model.risk_accounts
     WHERE account_id = '00000000-0000-0000-0000-000000000000'
), valued AS (
    SELECT account_id, sum(unrealised) AS unrealised,
           count(*) FILTER (WHERE unrealised IS NULL) AS unpriced_positions
      FROM read.positions WHERE net_quantity <> 0 GROUP BY account_id
)
SELECT a.account_id, a.currency, a.halted, a.halt_reason,
       coalesce((SELECT halted FROM platform), false) AS platform_halted,
       a.open_orders, a.admitted, a.refusals,
       a.realised, coalesce(v.unrealised, 0) AS unrealised, a.fees,
       a.realised + coalesce(v.unrealised, 0) - a.fees AS profit,
       a.loss_limit,
       coalesce(v.unpriced_positions, 0) AS unpriced_positions,
       a.limits_version, a.order_quantity_limit, a.order_notional_limit, a.open_orders_limit,
       a.position_notional_limit, a.price_collar, a.duplicate_window,
       a.halt_changed_at, a.halt_changed_position, a.updated_at, a.position, a.version
  FROM model.risk_accounts a
  LEFT JOIN valued v USING (account_id);
COMMENT ON VIEW read.risk_accounts IS 'Limits, use of them, profit and state of each account; the account of zeros is the whole platform.';
COMMENT ON COLUMN read.risk_accounts.account_id IS 'The account; zeros stand for the whole platform.';
COMMENT ON COLUMN read.risk_accounts.currency IS 'Currency of limits, profit and fees; null before limits were set.';
COMMENT ON COLUMN read.risk_accounts.halted IS 'Whether new orders of the account are refused.';
COMMENT ON COLUMN read.risk_accounts.halt_reason IS 'Why it is halted; null when it is not.';
COMMENT ON COLUMN read.risk_accounts.platform_halted IS 'Whether the whole platform is halted, which binds every account.';
COMMENT ON COLUMN read.risk_accounts.open_orders IS 'Orders that still hold a reservation.';
COMMENT ON COLUMN read.risk_accounts.admitted IS 'Orders admitted so far.';
COMMENT ON COLUMN read.risk_accounts.refusals IS 'Orders refused by our checks so far.';
COMMENT ON COLUMN read.risk_accounts.realised IS 'Realised profit so far, before fees.';
COMMENT ON COLUMN read.risk_accounts.unrealised IS 'Profit of open positions at their latest marks; those without a mark are left out.';
COMMENT ON COLUMN read.risk_accounts.fees IS 'Fees so far; positive is paid.';
COMMENT ON COLUMN read.risk_accounts.profit IS 'Realised plus unrealised less fees; below minus loss_limit the account is halted.';
COMMENT ON COLUMN read.risk_accounts.loss_limit IS 'Largest loss allowed; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.unpriced_positions IS 'Open positions for which no mark is known.';
COMMENT ON COLUMN read.risk_accounts.limits_version IS 'Version of the limits, from 1; 0 before they were set.';
COMMENT ON COLUMN read.risk_accounts.order_quantity_limit IS 'Largest quantity of one order; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.order_notional_limit IS 'Largest value of one order; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.open_orders_limit IS 'Most orders open at once; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.position_notional_limit IS 'Largest value of one position; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.price_collar IS 'Furthest a price may be from the mark, as a ratio of it; null is no limit.';
COMMENT ON COLUMN read.risk_accounts.duplicate_window IS 'Microseconds in which the same intent counts as a duplicate; 0 is off.';
COMMENT ON COLUMN read.risk_accounts.halt_changed_at IS 'When the account was last halted or resumed.';
COMMENT ON COLUMN read.risk_accounts.halt_changed_position IS 'Log position of that; 0 if it never was.';
COMMENT ON COLUMN read.risk_accounts.updated_at IS 'When the last risk event was recorded.';
COMMENT ON COLUMN read.risk_accounts.position IS 'Log position of the last risk event.';
COMMENT ON COLUMN read.risk_accounts.version IS 'Number of risk events.';

CREATE VIEW read.risk_violations AS
SELECT position, at, account_id, violation, severity, order_id, instrument, side, quantity, price,
       reason, detail, limit_value, would_be
  FROM model.risk_violations;
COMMENT ON VIEW read.risk_violations IS 'Every order that our checks refused, and every halt.';
COMMENT ON COLUMN read.risk_violations.position IS 'Log position of the refusal or halt.';
COMMENT ON COLUMN read.risk_violations.at IS 'When it was recorded.';
COMMENT ON COLUMN read.risk_violations.account_id IS 'The account; zeros stand for the whole platform.';
COMMENT ON COLUMN read.risk_violations.violation IS 'Name of the check that refused, or trading_halted.';
COMMENT ON COLUMN read.risk_violations.severity IS 'warning for a refusal, critical for a halt.';
COMMENT ON COLUMN read.risk_violations.order_id IS 'The refused order; null for a halt.';
COMMENT ON COLUMN read.risk_violations.instrument IS 'Instrument of the refused order; null for a halt.';
COMMENT ON COLUMN read.risk_violations.side IS 'Side of the refused order; null for a halt.';
COMMENT ON COLUMN read.risk_violations.quantity IS 'Quantity of the refused order; null for a halt.';
COMMENT ON COLUMN read.risk_violations.price IS 'Price of the refused order; null for a market order or a halt.';
COMMENT ON COLUMN read.risk_violations.reason IS 'Reason code (docs/reasons.md); null for a halt.';
COMMENT ON COLUMN read.risk_violations.detail IS 'The refusal in words, or the reason of the halt.';
COMMENT ON COLUMN read.risk_violations.limit_value IS 'The limit that was met; empty where there is none.';
COMMENT ON COLUMN read.risk_violations.would_be IS 'What the order would have made of it; empty where there is none.';

CREATE VIEW read.marks AS
SELECT instrument, at, mark, last_price, bid, ask FROM model.marks;
COMMENT ON VIEW read.marks IS 'Market prices of each instrument, at most one row a second.';
COMMENT ON COLUMN read.marks.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.marks.at IS 'Second of the venue''s clock; the row shows its last state.';
COMMENT ON COLUMN read.marks.mark IS 'Price used to value positions: middle of bid and ask, or the last trade while no quote is known.';
COMMENT ON COLUMN read.marks.last_price IS 'Price of the last trade; null before the first.';
COMMENT ON COLUMN read.marks.bid IS 'Best bid; null before the first quote.';
COMMENT ON COLUMN read.marks.ask IS 'Best ask; null before the first quote.';

CREATE VIEW read.candles AS
SELECT instrument, interval, open_time, open, high, low, close, volume, trades, closed
  FROM model.candles;
COMMENT ON VIEW read.candles IS 'Open, high, low, close and volume of each instrument by interval.';
COMMENT ON COLUMN read.candles.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.candles.interval IS 'Length of the candle, e.g. 1m.';
COMMENT ON COLUMN read.candles.open_time IS 'Begin of the candle.';
COMMENT ON COLUMN read.candles.open IS 'First price.';
COMMENT ON COLUMN read.candles.high IS 'Highest price.';
COMMENT ON COLUMN read.candles.low IS 'Lowest price.';
COMMENT ON COLUMN read.candles.close IS 'Last price so far.';
COMMENT ON COLUMN read.candles.volume IS 'Traded quantity, in units of the instrument.';
COMMENT ON COLUMN read.candles.trades IS 'Number of trades.';
COMMENT ON COLUMN read.candles.closed IS 'Whether the candle is complete.';

CREATE VIEW read.projection_positions AS
SELECT projection, shard, partition, position, event_time FROM model.projection_positions;
COMMENT ON VIEW read.projection_positions IS 'How far each projection is in each partition; its position is the smallest of them, its lag the log''s head less that.';
COMMENT ON COLUMN read.projection_positions.projection IS 'Name of the projection.';
COMMENT ON COLUMN read.projection_positions.shard IS 'Shard of the log.';
COMMENT ON COLUMN read.projection_positions.partition IS 'Partition of the events topic.';
COMMENT ON COLUMN read.projection_positions.position IS 'Every event of this partition up to this log position is in the rows.';
COMMENT ON COLUMN read.projection_positions.event_time IS 'Time of the last event applied; null before the first.';

RESET ROLE;
