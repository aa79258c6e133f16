-- Positions split by the strategy whose orders were filled. After an update with fills before it:
-- `patriot rebuild virtual_positions`.
SET ROLE patriot_owner;

CREATE TABLE model.virtual_positions (
    account_id    uuid        NOT NULL,
    instrument    text        NOT NULL,
    position_side text        NOT NULL,
    strategy_id   uuid        NOT NULL,
    net_quantity  numeric     NOT NULL,
    cost          numeric     NOT NULL,
    realised      numeric     NOT NULL,
    fills         bigint      NOT NULL,
    updated_at    timestamptz NOT NULL,
    position      bigint      NOT NULL,
    PRIMARY KEY (account_id, instrument, position_side, strategy_id)
) WITH (fillfactor = 50);

CREATE VIEW read.virtual_positions AS
SELECT v.account_id, v.instrument, v.position_side,
       nullif(v.strategy_id, '00000000-0000-0000-0000-000000000000') AS strategy_id,
       v.net_quantity,
       CASE WHEN v.net_quantity <> 0
            THEN trim_scale(round(v.cost / abs(v.net_quantity), 18)) END AS average_price,
       v.cost, v.realised,
       CASE WHEN v.net_quantity = 0 THEN 0::numeric
            ELSE trim_scale(v.net_quantity * m.mark - sign(v.net_quantity) * v.cost)
       END AS unrealised,
       p.currency, v.fills, v.updated_at, v.position
  FROM model.virtual_positions v
  LEFT JOIN model.positions p USING (account_id, instrument, position_side)
  LEFT JOIN model.latest_marks m USING (instrument);
COMMENT ON VIEW read.virtual_positions IS 'The part of each position that one strategy''s own fills make; the parts add up to the position.';
COMMENT ON COLUMN read.virtual_positions.account_id IS 'Account that holds the position.';
COMMENT ON COLUMN read.virtual_positions.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.virtual_positions.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.virtual_positions.strategy_id IS 'The strategy; null for what belongs to none, such as the venue''s own executions.';
COMMENT ON COLUMN read.virtual_positions.net_quantity IS 'Signed quantity: below 0 is short. A strategy may be long while another is short.';
COMMENT ON COLUMN read.virtual_positions.average_price IS 'Average entry price of this part, rounded at 18 digits; null when flat.';
COMMENT ON COLUMN read.virtual_positions.cost IS 'What the open quantity was bought or sold for; exact, never negative.';
COMMENT ON COLUMN read.virtual_positions.realised IS 'Realised profit of this part, before fees and funding.';
COMMENT ON COLUMN read.virtual_positions.unrealised IS 'Profit if closed at the mark; null while no mark is known.';
COMMENT ON COLUMN read.virtual_positions.currency IS 'Currency of cost and profit.';
COMMENT ON COLUMN read.virtual_positions.fills IS 'Number of executions.';
COMMENT ON COLUMN read.virtual_positions.updated_at IS 'When the last fill was recorded.';
COMMENT ON COLUMN read.virtual_positions.position IS 'Log position of the last fill.';

RESET ROLE;
